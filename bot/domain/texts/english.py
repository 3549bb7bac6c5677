"""The fixed texts in English."""

from bot.domain.texts.texts import SmsTexts, Texts

ENGLISH = Texts(
    emergency=(
        "This may be an emergency. Call {emergency} now, or have someone with you call. "
        "Do not wait for a reply here, and do not drive."
    ),
    emergency_also_crisis="For thoughts of suicide you can also call or text {crisis}.",
    crisis_emergency=(
        "Please do not stay alone with this. If you are in danger or have hurt yourself, call {emergency} now, "
        "or call or text {crisis} now: a counselor answers day and night."
    ),
    crisis_urgent=(
        "I'm glad you told me. Please call or text {crisis} now: a counselor answers day and night. "
        "If you might act on these thoughts, call {emergency}."
    ),
    urgent=(
        "This needs a clinician soon. Call the clinic at {phone} now. If it gets worse, or you have trouble "
        "breathing, chest pain, or cannot stay awake, call {emergency}."
    ),
    same_day=(
        "Our staff should hear about this today. Call the clinic at {phone}. If it becomes severe, call {emergency}."
    ),
    beside={
        "driving_impaired": "If you are driving, stop where it is safe now and stay there.",
        "overdose_misuse": "Poison Control also advises day and night: {poison}.",
        "child_ingestion": "Poison Control also advises day and night: {poison}.",
        "pet_ingestion": "For an animal call your vet now, or {animal_poison}.",
        "abuse_safety": "What happened is not your fault. If you are in danger, call {emergency}.",
    },
    stored="Your message is saved for our staff as {reference}. Clinic: {phone}.",
    not_stored="I could NOT pass this on to our staff. Please also call the clinic at {phone}.",
    reminder=(
        "Your report {reference} is still open with our staff. If it is getting worse, call {emergency}; "
        "for thoughts of suicide call or text {crisis}."
    ),
    ask_back=(
        "I want to be sure that you are safe. Is this happening to you, or to someone with you, right now? "
        "If it is, call {emergency} now; for thoughts of suicide call or text {crisis}. "
        "Please answer yes or no. If you don't, I will ask our staff to look at it."
    ),
    ask_again=(
        "You have not told me yet whether it is happening right now: yes or no? If it is, call {emergency}; "
        "for thoughts of suicide call or text {crisis}."
    ),
    ask_back_yes="Yes, right now",
    ask_back_no="No, it is not happening",
    glad_it_is_not=(
        "Thank you for telling me. If it does happen, call {emergency}, or call or text {crisis} for thoughts of "
        "suicide. You can ask me something else, or call the clinic at {phone}."
    ),
    degraded=(
        "I can't answer questions right now because of a technical problem. {what} To talk to someone, call the "
        "clinic at {phone}. In an emergency call {emergency}; for thoughts of suicide call or text {crisis}."
    ),
    question_kept="I have kept your question for our staff as {reference}.",
    question_not_kept="I could not keep your question either.",
    asked={
        "person": "your wish to talk to a person",
        "question": "your question",
        "symptom": "what you told me about how you feel",
    },
    passed_on=(
        "I have passed {what} on to our staff as {reference}. Nobody watches this chat all the time, so if you would "
        "rather not wait, call the clinic at {phone}."
    ),
    not_passed_on=(
        "I could not pass {what} on to our staff because of a technical problem. Please call the clinic at {phone}."
    ),
    in_an_emergency="In an emergency call {emergency}.",
    when_to_call=(
        "Call the clinic at {phone} if it gets worse, if something new comes, or if it is not gone within a day. Call "
        "{emergency} for trouble breathing, chest pain, a fit, fainting, or if somebody cannot be woken; for thoughts of "
        "suicide call or text {crisis}."
    ),
    not_sure_of_symptom=(
        "I can't tell from here whether this can wait. Shall I ask our staff to look at it? If you would rather not "
        "wait, or it gets worse, call the clinic at {phone}. In an emergency call {emergency}."
    ),
    not_my_language="I can only answer questions in English so far. Please call the clinic at {phone}.",
    paged="Our on-call staff were paged about {reference} at {time}. I will tell you when somebody has seen it.",
    seen="{who} saw your report {reference} at {time} and will get in touch.",
    joined="{who} has joined and is writing to you here.",
    nobody_yet=(
        "Nobody has answered your report {reference} yet. Do not wait: call {emergency} now if it is an emergency, "
        "call or text {crisis} for thoughts of suicide, or call the clinic at {phone}. We keep trying."
    ),
    closed=(
        "Our staff have closed {reference}. If anything changes, write here or call {phone}; in an emergency "
        "call {emergency}."
    ),
    somebody="A member of our staff",
    ask_number="If you can, write the telephone number where our staff can reach you.",
    forgotten="This talk is deleted. If something is wrong, write again or call {phone}; in an emergency call {emergency}.",
    forgotten_later="Our staff still need this talk. It will be deleted a day after they have dealt with it.",
    have_number="Thank you. Our staff can call you at {number}.",
    sms=SmsTexts(
        greeting=(
            "This is the automated assistant of {name}: no person, no medical device, and nobody reads along all the "
            "time. Emergency: call {emergency}. Thoughts of suicide: call or text {crisis}. HELP for help, STOP to stop. "
            "Msg frequency varies; msg & data rates may apply."
        ),
        help=(
            "For an emergency call {emergency}, for suicidal thoughts call or text {crisis}. {name}: I'm an automated "
            "assistant and answer questions about ketamine therapy. To talk to a person call {phone}. "
            "STOP to stop. Msg & data rates may apply."
        ),
        stopped=(
            "{name}: you will get no more texts. START to resume. Call us: {phone}. "
            "Emergency: {emergency}. Suicidal thoughts: {crisis}."
        ),
        stopped_with_report=(
            "You will get no more texts from {name}, also none about your report {reference}: our staff are asked to "
            "phone you. Do not wait: in an emergency call {emergency}; for thoughts of suicide call or text {crisis}. "
            "Clinic: {phone}. START to resume."
        ),
        started="{name}: texts are on again. In an emergency call {emergency}. HELP for help, STOP to stop.",
        how_to_stop="To get no more texts, reply STOP.",
        no_pictures=(
            "I can't see pictures or files. Please write it in words, or call the clinic at {phone}. "
            "In an emergency call {emergency}."
        ),
        voicemail_stored=(
            "Your voice message is saved for our staff as {reference}. If you would rather not wait, call the clinic "
            "at {phone}. In an emergency call {emergency}."
        ),
        voicemail_not_stored=(
            "I could NOT save your voice message for our staff. Please call the clinic at {phone}. "
            "In an emergency call {emergency}."
        ),
        call_back_stored=(
            "I can't text this number, so I have asked our staff to call you, as {reference}. "
            "In an emergency call {emergency}."
        ),
        call_back_not_stored=(
            "I can't text this number, and I could NOT ask our staff to call you. Please call the clinic at {phone}. "
            "In an emergency call {emergency}."
        ),
        more="Reply MORE for the rest.",
        more_in_full="Reply MORE for the full answer.",
        source="Source: {sources}.",
        sources="Sources: {sources}.",
        and_others="and {count} more",
        yes_or_no="Reply YES or NO.",
        by_number="Reply with a number: {options}.",
        by_word="Reply with one of these: {options}.",
    ),
)
