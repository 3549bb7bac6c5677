"""The fixed texts in English."""

from bot.domain.texts.phone import PhoneTexts
from bot.domain.texts.texts import Texts

_PHONE = PhoneTexts(
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
    nobody_yet=(
        "Your report {reference} is stored, and our on-call staff are being paged. Nobody has answered yet. Do not wait "
        "if this is an emergency: hang up and call {emergency}. For thoughts of suicide, call or text {crisis}."
    ),
    seen=(
        "{who} has seen your report {reference} and will get in touch. If it gets worse, do not wait: hang up and "
        "call {emergency}."
    ),
    somebody="A member of our staff",
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
    text_opening="You called us, and asked to go on by text. What would you like to know?",
    text_about="You called us about: {menu}.",
    hints=(
        "ketamine", "Spravato", "esketamine", "infusion", "nasal spray", "lozenge", "side effects", "nausea", "insurance",
        "appointment", "driving", "medication", "operator", "repeat", "main menu", "text me", "yes", "no", "español",
    ),
)  # fmt: skip

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
    have_number="Thank you. Our staff can call you at {number}.",
    phone=_PHONE,
)
