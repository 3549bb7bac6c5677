"""What is said on the telephone, in English."""

from bot.domain.texts.phone import PhoneTexts

ENGLISH = PhoneTexts(
    code="en-US",
    greeting=(
        "Thank you for calling {clinic}. If this is an emergency, hang up and call {emergency}. For thoughts of "
        "suicide, call or text {crisis}. You are speaking with an automated assistant. No person is listening."
    ),
    change_language="For English, press nine.",
    ask="Tell me in a few words what you would like to know.",
    menu="Or press",
    menu_item="{key} for {title}",
    menu_end="Press zero for a person, or star to hear this again.",
    anything_else=(
        "Is there anything else? Tell me, or press star to hear that again, pound for the main menu, zero for a person."
    ),
    text_this="If you would like that as a text message, press one.",
    unheard="I did not hear anything.",
    not_understood="I am sorry, I did not understand that.",
    why={
        "unheard": "I am sorry. It seems that we do not understand each other well by voice.",
        "too_long": "The answer to that is too long to say on the telephone.",
        "asked": "I can text you, so that we go on in writing.",
        "closed": "Nobody is at our desk at the moment.",
        "nobody": "Nobody at our desk could answer just now.",
        "slow": "It takes me longer than it should to find the answer.",
        "language": "I can only answer questions in English so far.",
        "enough": "We have talked for a while. There are better ways for what is left.",
    },
    offer_text=(
        "Press one, and {clinic} texts you at the number that you are calling from. Message and data rates may apply, "
        "and you can answer STOP at any time."
    ),
    offer_callback="Press two, and our staff call you back.",
    offer_message="Press three to leave a message for our staff.",
    text_is_coming="Thank you. A text message is on its way. Answer it to go on in writing.",
    text_refused="I cannot send a text message to this number.",
    will_call_back=(
        "Our staff will call you back at the number that you are calling from. Your request is kept as {reference}. If it "
        "becomes an emergency, call {emergency}."
    ),
    will_call_number=(
        "Our staff will call you back at {number}. Your request is kept as {reference}. If it becomes an emergency, "
        "call {emergency}."
    ),
    ask_number=(
        "I cannot see the number that you are calling from. With the keys, enter the number where our staff can call you, "
        "with its area code, and then press pound."
    ),
    check_number="The number is {number}. Press one if that is right, or two to enter it again.",
    wrong_number="That is not a telephone number that I know how to call.",
    no_number="Without a number our staff cannot call you back. You can reach the clinic at {phone}.",
    connecting_desk="I am connecting you with our desk. One moment.",
    connecting_person=(
        "If you cannot call yourself, stay on the line. I am calling our on-call staff for you now. That can take a "
        "few rings."
    ),
    connecting_next=(
        "Nobody has answered yet. I am calling the next person. Do not wait if this is an emergency: hang up and "
        "call {emergency}."
    ),
    desk_done="Thank you.",
    staff_done="Your talk with our staff has ended.",
    stored=(
        "Your report {reference} is stored for our on-call staff. Nobody has answered yet. Do not wait if this is an "
        "emergency: hang up and call {emergency}. For thoughts of suicide, call or text {crisis}."
    ),
    paged=(
        "Our on-call staff were paged about your report {reference}. Nobody has answered yet. Do not wait if this is an "
        "emergency: hang up and call {emergency}. For thoughts of suicide, call or text {crisis}."
    ),
    seen=(
        "{who} has seen your report {reference} and will get in touch. If it gets worse, do not wait: hang up and "
        "call {emergency}."
    ),
    somebody="A member of our staff",
    hold_number="I cannot see your number. Press two to enter the number where our staff can call you.",
    hold_keys="Press zero and I will try to reach somebody again. You can stay on the line, or tell me more.",
    hold_end=(
        "I have to end this call now. Your report {reference} stays open with our staff. If this is an emergency, call "
        "{emergency} now. For thoughts of suicide, call or text {crisis}. You can also call the clinic again."
    ),
    yes_or_no="Press one for yes, two for no, or say it.",
    no_answer=(
        "I did not hear an answer, so I am asking our staff to look at this now. If it is an emergency, hang up and "
        "call {emergency}."
    ),
    choice="For {title}, press {key}.",
    one_moment="One moment, please. I am looking for the answer.",
    record=(
        "After the tone, leave your message and press pound. Nobody listens to messages all the time: if this is an "
        "emergency, hang up and call {emergency}."
    ),
    say_message=(
        "Tell me your message now. Nobody reads messages all the time: if this is an emergency, hang up and "
        "call {emergency}."
    ),
    message_kept=(
        "Thank you. Your message is kept for our staff as {reference}. If it becomes an emergency, call {emergency}."
    ),
    passed_on="Your request is with our staff as {reference}.",
    with_staff=(
        "A member of our staff has your case and can read what you said. If it is an emergency, hang up and "
        "call {emergency}."
    ),
    source="That is from: {document}.",
    goodbye="Thank you for calling {clinic}. In an emergency, call {emergency}. Goodbye.",
    technical=(
        "I have a technical problem. If this is an emergency, hang up and call {emergency}. For thoughts of suicide, call "
        "or text {crisis}. You can reach the clinic at {phone}."
    ),
    technical_connecting="I am connecting you with the clinic now.",
    technical_ask="If it is urgent, tell me in a few words what is wrong.",
    whisper=(
        "This is {clinic}. {tier} report {reference}. The patient is on the line. Press one to take it and talk to the "
        "patient."
    ),
    whisper_again="Press one to take it.",
    whisper_taken="You have the report. You are connected now.",
    whisper_other="{who} has the report already. You are connected all the same.",
    whisper_gone="You have the report {reference}. The patient has hung up: please call back now.",
    whisper_not_stored="It could not be stored that you have it. You are connected now.",
    whisper_left="The next person is called. Goodbye.",
    tiers={"emergency": "Emergency", "urgent": "Urgent"},
    handoff_texted="We are sending you a text message now. Answer it to go on in writing.",
    handoff_called="Our staff will call you back. Your request is kept as {reference}.",
    text_opening="We go on by text: what would you like to know?",
    text_about="You called us about: {menu}.",
    hints=(
        "ketamine",
        "Spravato",
        "esketamine",
        "infusion",
        "nasal spray",
        "lozenge",
        "side effects",
        "nausea",
        "insurance",
        "appointment",
        "driving",
        "medication",
        "operator",
        "repeat",
        "main menu",
        "text me",
        "yes",
        "no",
        "español",
    ),
)
