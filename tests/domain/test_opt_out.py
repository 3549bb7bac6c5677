"""Plain requests to get no more texts, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.keywords import Keyword, is_plain_request, is_plea_possible, keyword
from bot.domain.opt_out import wants_no_texts

ENGLISH = """
stop texting me
Stop texting me!!!
please stop texting
Please stop messaging me.
STOP TEXTING ME NOW
pls stop txting me
stoppp texting meee
can you stop texting me
Could you please stop texting me?
would you guys stop messaging this number
will you quit texting me already
quit sending me messages
quit sending me texts please
stop sending me messages
stop sending these messages
stop sending me these stupid texts
stop sending messages to this number
please stop sending text messages to my phone
stop sending me this crap
stop writing me
stop writing to this number
stop contacting me
stop spamming me
Stop bothering me with these texts
cease texting me immediately
discontinue all messages
stop all texts
stop all messages
stop the texts
stop these messages please
end all texts
end these messages
cancel my texts
cancel text messages
cancel sms notifications
turn off text notifications
turn off the texts
please disable text alerts
don't text me
Don't text me anymore.
don’t text me again
dont txt me no more
do not text me
Do not contact me
do not message this number
please don't message this number anymore
never text me again
never contact this number again
Don't send me any more messages
do not send me texts
don't send any more texts to this number
please do not send me anything
don't call or text me
no more texts
no more texts please
No more messages, thank you.
no more texting
enough texts
enough with the messages
no texts please
take me off your list
take me off this list please
Please take my number off your list
take my name and number, thanks, and take me off the texting list
remove me
remove me from your list
remove my number
please remove my number from your system
remove this number from your contact list
delete my number
delete my number please
lose my number
drop my number from the list
get me off this list
unsubscribe me
Please unsubscribe me from these texts
unsubscribe me from your list
I want to unsubscribe
how do I unsubscribe
text me no more
I'm done with these texts
stop blowing up my phone
cease and desist texting me
leave me alone and stop texting
get rid of my number
take my number out of your system
No longer wish to receive texts
don't want texts
don't ever text me again
stop texting me you idiots
stop texting me this is the wrong number
I never want to hear from you again
Do not send me any further texts
kindly stop texting
how do i stop these texts
How can I opt out?
I want to opt out
opt me out please
opt out of texts
I'd like to opt out of these messages
I don't want these texts
i dont want any more texts
I do not want your messages anymore
I no longer wish to receive text messages
I don't want to get texts from you
I don't want to be texted
i don't wish to be contacted
I don't want you texting me
i dont want you to text me anymore
I want you to stop texting me
I would like you to stop messaging me
I need you to stop sending me texts
I told you to stop texting me
i said stop texting me
I asked you guys to stop sending messages
I am asking you to stop texting this number
I revoke my consent to texts
I withdraw my consent to receive text messages
make the texts stop
make these messages stop please
these texts need to stop
hi, please stop texting me, thanks
Hello. I'm no longer a patient. Please stop texting me.
Wrong number, stop texting me
wrong number. take me off your list
I moved to another clinic, please remove me from your list
This is too much. Stop sending me messages!
stop texting me or I will report you
Stop texting me, I am not your patient
“stop texting me”
stop texting me 🛑
Stop texting me. When is my next appointment?
if this is a bot, stop texting me
Stop sending me appointment reminders
i want to stop receiving these messages
i'd like to be removed from your texting list
"""

SPANISH = """
deje de mandarme mensajes
Dejen de mandarme mensajes.
deja de escribirme
deje de escribirme por favor
Por favor dejen de escribirme
dejen de enviarme mensajes de texto
deje de enviar mensajes a este número
paren de mandarme mensajes
paren de escribirme ya
dejen de textearme
dejen de molestarme
dejen de contactarme
basta de mensajes
basta con los mensajes
ya no me escriban
ya no me escriba más
no me escriban más
no me escribas
No me escriba más, por favor
nunca más me escriban
no me vuelvan a escribir
no me textee más
no me contacten
no me manden más mensajes
no me mande mensajes
No me envíen mensajes
no me envíe más textos
ya no me manden mensajes
ya no me manden nada
no manden más mensajes a este número
no escriban a este número
no quiero mensajes
no quiero más mensajes
ya no quiero mensajes
no quiero recibir mensajes
ya no quiero recibir más mensajes de ustedes
no deseo recibir mensajes de texto
no quiero que me escriban
no quiero que me manden mensajes
no autorizo mensajes
no más mensajes
no mas textos por favor
ya no más mensajes
cancele los mensajes
cancelar mensajes
quiero cancelar los mensajes
detengan los mensajes
quiero dejar de recibir mensajes
cómo puedo dejar de recibir mensajes
¿Cómo cancelo...? quiero cancelar los mensajes
quíteme de su lista
quítenme de la lista
sáquenme de su lista
sáqueme de la lista por favor
bórrenme de su lista
elimíneme de su lista
borren mi número
borre mi número por favor
elimine mi número de su lista
quite mi número
saquen mi número de su base de datos
olviden mi número
deme de baja
denme de baja por favor
dar de baja
quiero darme de baja
quiero darme de baja de los mensajes
me doy de baja
desuscríbame
retiro mi consentimiento
revoco mi consentimiento para recibir mensajes
les pido que no me escriban
le pido que deje de mandarme mensajes
quiero que dejen de mandarme mensajes
necesito que dejen de escribirme
¿Pueden dejar de escribirme?
¿me pueden dejar de mandar mensajes?
podrían dejar de enviarme mensajes por favor
ya les dije que no me escriban
Hola, por favor no me manden más mensajes, gracias
Número equivocado, no me escriban
ya no soy paciente, borren mi número
me gustaría dejar de recibir mensajes
no me manden mas recordatorios
no me llamen ni me escriban
quiero que me saquen de la lista
ya no quiero que me escriban
no me molesten más
dejen de mandar mensajes
ya basta de mensajes
no me interesa, no me escriban
"""

OTHER_ENGLISH = """
how do I stop nausea
can I stop taking ketamine
I want it to end
cancel my appointment
please cancel my appointment tomorrow
don't text and drive?
should I stop my medication
when will the texts arrive
stop the pain
make it stop
please make it stop
make the pain stop
make the voices stop
end it all
I want to end it all
I want to quit
I quit drinking last year
i want to stop
I can't stop crying
I can't stop shaking
the bleeding won't stop
my heart won't stop racing
stop hurting me
he won't stop texting me
my ex keeps texting me and won't stop
my husband said stop texting me
He told me, stop texting me
the voices say stop texting people
when I'm driving, don't text me
while I'm at work, don't text me
don't text me while I'm at work
don't text me tonight
don't text me after 9pm
stop texting me until monday
please don't stop texting me
don't stop sending me messages
why did you stop texting me
why did you stop sending me messages?
did you stop texting?
will you stop texting me after my treatment?
you stopped texting me
I stopped getting texts
I am not getting your texts
I don't get your messages
I didn't receive the text
i did not get any texts
I never got a message from you
no messages yet
I have no messages
no text came
can you text me my appointment time
please text me
text me back
no need to text me back
can you message me tomorrow
send me a message
can I text this number with questions
are these texts confidential
who reads these messages?
are you a bot
is this number for texting
please don't call my wife
do not contact my employer
don't text my husband
don't tell my mother
don't send my records to my mother
don't send me to the hospital
do not send the police
please don't send an ambulance
don't call 911
take me off the medication
take me off the waitlist
take me off the waiting list
can you take me off ketamine
get me off this drug
get me out of here
get me off these meds
remove me from the schedule
remove the IV please
remove my stitches
delete my account number from the bill
delete my appointment
I want to remove my IUD first
lose my mind
lose my balance
I don't want to live anymore
I don't want to be here anymore
I don't want to receive ketamine anymore
i don't want this anymore
I don't want to wake up
I no longer want to live
I don't need anything anymore
leave me alone
no more pain
no more treatments please
no more ketamine
no more needles
enough pills to end it
I have had enough
enough is enough
cancel
stop
end
quit
please stop
cancel everything
cancel my insurance claim
cancel my session
turn off the lights
opt out of the study
can I opt out of the music
I revoke my consent for treatment
how do I end the session
how do I stop dissociating
how can I stop feeling sick
how to stop throwing up
stop taking lamotrigine?
should we stop the infusion
do I have to stop my texts during the session
what happens if I text stop texting me
If I get anxious I stop texting people
how often do you text
I keep getting the same text
I got your message
thanks for the text
My phone stops receiving texts sometimes
I changed my number
here is my new number
block the light
stop bleeding
stop breathing
I want to stop breathing
is it ok to stop eating before
stop smoking before treatment?
quit smoking
quit my job
end my life
end of treatment
text
messages
unsubscribe from life
opt out of living
I want to opt out of life
take me
take me home
take me off life support
erase me
delete me
remove me from this world
I don't need a reminder
I can't text right now
I can't stop texting
I don't want to stop texting you
don't remove my number
do not take me off the list
cancel the text I sent
no more questions
will the texts stop after treatment
why not text me
don't worry about texting me
I don't want you to contact my family
don't want to be alone
don't contact me about billing
I want to hear from you
remind me
stop reminding yourself
"""

OTHER_SPANISH = """
cómo paro las náuseas
quiero dejar de tomar ketamina
quiero dejar de sufrir
quiero que pare
que pare el dolor
haga que pare
quiero terminar con todo
ya no quiero vivir
no quiero vivir más
no quiero más dolor
no más dolor
no quiero seguir
basta
ya basta
basta ya de dolor
cancelar mi cita
quiero cancelar mi cita
cancele la cita de mañana
por qué no me escriben
no me escriben
no me mandan mensajes
no recibo mensajes
no me llegan los mensajes
no recibí el mensaje
cuándo llegan los mensajes
cuándo me mandan el mensaje
mándeme un mensaje
escríbanme
por favor escríbanme
me pueden escribir
me pueden mandar un mensaje
dejaron de escribirme
por qué dejaron de mandarme mensajes
no dejen de escribirme
mi ex no deja de escribirme
mi esposo no deja de mandarme mensajes
no dejo de llorar
no puedo dejar de temblar
dejé de fumar
puedo dejar de fumar
puedo dejar mis pastillas
debo dejar la medicina
deje de respirar
mi hijo dejó de respirar
no me manden al hospital
no manden a la policía
no me mande la receta
no me manden mensajes de noche
no me escriban por la noche
no llamen a mi esposa
no le escriban a mi esposo
quíteme el dolor
quítenme esto
sáquenme de aquí
sáqueme de aquí por favor
borre mi cita
elimine el dolor
deme de alta
denme de alta
tengo la presión baja
baja presión
estoy de baja
quiero bajar de peso
retiro mi consentimiento para el tratamiento
cómo termino la sesión
cuándo termina el tratamiento
cuándo se pasa el efecto
mi número es nuevo
cambié de número
me robaron el celular
quién lee estos mensajes
son privados los mensajes
gracias por el mensaje
dijo que no me escriban
mi mamá dijo, no me escriban
cuando esté en el trabajo, no me escriban
mientras manejo, no me escriban
ya no me escribe mi hermana
me duele, no me molesta el mensaje
me pueden sacar una cita
quiero que me saquen la muela
ya no me duele
ya no me siento bien
no quiero despertar
alto dolor
pare
fin
me quiero morir
cancelar el seguro
quiero dejar el tratamiento
"""


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


ASKED = _lines(ENGLISH) + _lines(SPANISH)
NOT_ASKED = _lines(OTHER_ENGLISH) + _lines(OTHER_SPANISH)


@pytest.mark.parametrize("text", ASKED)
def test_a_request_in_words_stops_the_texts(text: str) -> None:
    assert wants_no_texts(text)
    assert keyword(text) is Keyword.STOP
    assert not is_plea_possible(text)


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_is_not_about_these_texts_stops_nothing(text: str) -> None:
    assert not wants_no_texts(text)


def test_a_keyword_is_recorded_as_a_keyword_and_a_request_as_a_request() -> None:
    assert is_plain_request("stop texting me")
    assert not is_plain_request("STOP")
    assert not is_plain_request("please stop")
    assert not is_plain_request("opt out")
    assert not is_plain_request("how do I stop nausea")


@given(
    st.sampled_from(ASKED),
    st.sampled_from(["{}", "{}.", "{}!!", "  {} ", '"{}"', "Hello. {}", "{}\nThanks", "🙏 {} 🙏"]),
)
def test_a_request_is_one_in_any_letters_and_with_any_manners(text: str, frame: str) -> None:
    assert wants_no_texts(frame.format(text))
    assert wants_no_texts(frame.format(text.upper()))


@given(st.sampled_from(NOT_ASKED))
def test_capitals_make_no_request(text: str) -> None:
    assert not wants_no_texts(text.upper())


@given(st.lists(st.sampled_from(NOT_ASKED), min_size=5, max_size=20).map(". ".join))
def test_a_request_counts_at_the_end_of_a_long_tale(text: str) -> None:
    assert not wants_no_texts(text)
    assert wants_no_texts(f"{text}. Stop texting me.")


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert keyword(text) in (None, *Keyword)
