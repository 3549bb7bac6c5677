"""How patients ask in English to get no more texts. Small letters, no accents, no apostrophes."""

from __future__ import annotations

from bot.domain.opt_out.grammar import Grammar, one_of

# Words for texts, and what stands before them ("any more of your automated text messages").
_TEXT = "(?:te?xt |txt |sms )?" + one_of(
    r"te?xts?|mess?age?s?|msgs?|sms|te?xting|messaging|mess?ageing|spam|communications?",
    "notifications|alerts|reminders|updates",
)
_SOME = (
    "(?:(?:all|any|of|the|these|those|this|that|your|you|my|more|further|other|new|another|so many|many|such|future|"
    "automated|automatic|unwanted|annoying|stupid|damn|damned|fucking|appointment|spam|cell|phone|clinic|single) )*"
)
_NUMBER = "(?:this|my|our|that) (?:cell |phone |mobile |telephone |contact )*(?:number|phone|cell|line)"
_ME = f"(?:me|us|(?:at |to |on )?{_NUMBER})"
_TO_ME = f"(?: (?:to )?{_ME})?"
_MY_NUMBER = f"(?:me|us|{_NUMBER})"

# Sending, and ending it.
_SEND = "(?:call (?:and |or )?)?(?:te?xt|mess?age|msg|contact|spam|ping|notify|sms)"
_SENDING = (
    "(?:calling (?:and |or )?)?(?:te?xting|txtn|messaging|mess?ageing|msging|contacting|spamming|pinging|notifying)"
)
_GIVE = "(?:send|write|give)"
_GIVING = "(?:sending|writing|giving)"
_GET = "(?:get|receive|have|see|getting|receiving|having)"
_END = "(?:stop|quit|cease|end|halt|discontinue|cease and desist|no more|enough|stop all)"
_SHUT = "(?:cancel|stop|end|discontinue|cease|disable|turn off|shut off|block|cut off|opt out of)"
_NEVER = "(?:do not|dont|dnt|never|no need to|do not ever|dont ever|dont you ever|dont you)"
_NOT_WANT = "(?:(?:i|we) )?(?:really )?(?:do not|dont|no longer|never) (?:want|wish|care|like|consent|agree)"
_REMOVE = "(?:take|get|pull|remove|delete|drop|erase|strike|leave|cross|keep)"
_LIST = (
    "(?:(?:the|your|this|that|all|of|any|ur|these|those) )*"
    "(?:(?:text|texting|txt|sms|message|messaging|mailing|contact|call|calling|phone|notification|marketing|reminder) )*"
    "(?:lists?|texts|messages|sms|contacts|database|notifications|texting|system|records|directory)"
)

_CLAUSES = (
    # stop texting me; quit sending messages to this number
    f"{_END} {_SENDING}{_TO_ME}",
    f"{_END} {_GIVING}{_TO_ME} {_SOME}{_TEXT}{_TO_ME}",
    f"{_END} sending (?:me|us)(?: (?:these|this|those|things|anything|(?:this |your |the )?(?:stuff|shit|crap)))?",
    f"{_END} sending (?:these|this|those)",
    f"{_END} writing (?:to )?{_ME}",
    f"{_END} (?:bothering|bugging|harassing|pestering|annoying) (?:me|us) (?:with|by) {_SOME}{_TEXT}",
    f"{_END} blowing up {_NUMBER}(?: with {_SOME}{_TEXT})?",
    # don't text me; never send messages to this number; text me no more
    f"{_NEVER} {_SEND} {_ME}",
    f"{_NEVER} {_GIVE}{_TO_ME} {_SOME}{_TEXT}{_TO_ME}",
    f"{_NEVER} send (?:me|us) (?:anything|these|this stuff|stuff)",
    f"{_NEVER} write (?:to )?{_ME}",
    f"{_SEND} (?:me|us) no more",
    # no more texts; enough with the messages; cancel my notifications
    f"(?:no more|no further|enough(?: with| of)?|(?:stop|knock|cut) (?:it |it off |it out )?with|done with) {_SOME}{_TEXT}{_TO_ME}",
    "no (?:texts|texting|text messages|sms) (?:please|pls|plz|thanks|thank you)",
    f"{_SHUT} {_SOME}{_TEXT}{_TO_ME}",
    f"stop {_GET} {_SOME}{_TEXT}",
    f"make {_SOME}{_TEXT} (?:stop|end|go away)",
    f"(?:the|these|those|your|all these|all the) {_TEXT} (?:must|need to|needs to|have to|has to|should) (?:stop|end)",
    # opt me out; unsubscribe from these texts
    f"(?:unsubscribe|opt(?:ing)?)(?: {_MY_NUMBER})?(?: out)?(?: (?:of|from) (?:{_LIST}|{_SOME}{_TEXT}|this|here|everything))?",
    f"(?:be|get) (?:removed|taken off|unsubscribed|opted out|off)(?: (?:from|of|off))? {_LIST}",
    # take me off your list; remove my number
    f"{_REMOVE} {_MY_NUMBER} (?:off|from|out of|off of) {_LIST}",
    "(?:take me off|remove me|take us off|remove us)",
    f"(?:remove|delete|erase|lose|forget|block|drop|get rid of) {_NUMBER}(?: (?:from|off|out of) {_LIST})?",
    f"(?:take|get) {_NUMBER} off",
    # I don't want these texts; I no longer wish to be messaged; I revoke my consent
    f"{_NOT_WANT}(?: for| to)?(?: {_GET})? {_SOME}{_TEXT}{_TO_ME}",
    f"{_NOT_WANT} (?:to be|being) (?:te?xted|messaged|contacted|notified)",
    f"{_NOT_WANT} (?:you|you guys|yall|anyone|anybody|the clinic) (?:to )?(?:{_SENDING}|{_SEND}) {_ME}",
    f"{_NOT_WANT} to hear from (?:you|you guys|you people|this clinic|the clinic)",
    "(?:i|we) (?:revoke|withdraw|take back|rescind) (?:my |our )?(?:consent|permission)"
    f"(?: (?:for|to)(?: get| receive| be| being)? {_SOME}(?:texted|{_TEXT}))?",
)

# Manners, and who asks whom.
_BEFORE = one_of(
    "hi|hello|hey|hi there|hello there|ok|okay|yo|ugh|omg|wow|sorry|look|listen|again|seriously|honestly|no|yes|and|so|but",
    "well|also|then|please|pls|plz|just|kindly|immediately|everyone|yall|you guys|whoever this is|wrong number|ma ?am|sir",
    "dude|bro|guys|for the last time|once again|one more time|thanks but|thank you but|leave me alone|let me|help me",
    "(?:can|could|would|will) (?:you|u|yall)(?: guys| people| all)?|you (?:need to|must|have to|should|can)",
    "i (?:already )?(?:said|say|am asking|ask|asked|told|am telling)(?: you| u| yall)?(?: guys| people)?"
    "(?: (?:twice|already|before|again))?(?: to)?",
    "(?:i|we) (?:want|need|would like|wish|choose)(?: (?:you|u|yall)(?: guys| people)?)? to|id like(?: you)? to|i wanna",
    "(?:how|where) (?:do|can|could|would) (?:i|we)|how to|(?:can|may|could) (?:i|we)|is there a way to|i am|im",
)
_AFTER = one_of(
    "please|pls|plz|thanks|thank you|thx|ty|now|right now|immediately|asap|at once|today|already|anymore|any more",
    "any longer|no more|again|ever|at all|from now on|for good|forever|permanently|period|ok|okay|so much|very much",
    "altogether|completely|entirely|all the time|every ?day|in the future|guys|people|sir|ma ?am|dude|bro|lol|god|dammit",
    "from (?:you|u|yall|you guys|you people|(?:your|the|this) (?:clinic|office|company|number|place)|here)",
    f"(?:to|on|at) {_NUMBER}|about (?:anything|this|that)|with (?:all )?(?:this|these|the) (?:stuff|things)",
    "would you|will you|its annoying|wrong (?:number|person)|this is (?:the|a) wrong (?:number|person)|you [a-z]+",
    "(?:(?:im|i am) )?(?:not interested|(?:not|no longer) (?:a|your) patient)|i dont know (?:you|who).*",
    "or (?:else|i|ill|im).*|(?:because|cuz|bc|since) .*|and (?:take|remove|delete|lose|have a|thank).*|(?:but )?thank.*",
)

GRAMMAR = Grammar(before=_BEFORE, clauses=_CLAUSES, after=_AFTER)
