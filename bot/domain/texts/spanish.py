"""The fixed texts in Spanish: "usted", and words that are understood from Madrid to Los Angeles."""

from bot.domain.texts.texts import SmsTexts, Texts

SPANISH = Texts(
    emergency=(
        "Esto puede ser una emergencia. Llame al {emergency} ahora, o pida a alguien que llame. "
        "No espere una respuesta aquí y no maneje."
    ),
    emergency_also_crisis="Si piensa en el suicidio, también puede llamar o escribir al {crisis}.",
    crisis_emergency=(
        "Por favor, no se quede a solas con esto. Si está en peligro o se ha hecho daño, llame al {emergency} ahora, "
        "o llame o escriba al {crisis} ahora: le atienden de día y de noche."
    ),
    crisis_urgent=(
        "Gracias por decírmelo. Por favor, llame o escriba al {crisis} ahora: le atienden de día y de noche. "
        "Si cree que podría hacerse daño, llame al {emergency}."
    ),
    urgent=(
        "Esto lo debe ver pronto un profesional. Llame a la clínica al {phone} ahora. Si empeora, le cuesta respirar, "
        "le duele el pecho o no logra mantenerse despierto, llame al {emergency}."
    ),
    same_day=(
        "Nuestro personal debe saber esto hoy. Llame a la clínica al {phone}. Si se vuelve grave, llame al {emergency}."
    ),
    beside={
        "driving_impaired": "Si va al volante, pare ahora en un lugar seguro y no siga.",
        "overdose_misuse": "El centro de toxicología también le orienta día y noche: {poison}.",
        "child_ingestion": "El centro de toxicología también le orienta día y noche: {poison}.",
        "pet_ingestion": "Si es un animal, llame ya a su veterinario o al {animal_poison}.",
        "abuse_safety": "Lo que pasó no es culpa suya. Si está en peligro, llame al {emergency}.",
    },
    stored="Su mensaje quedó guardado para nuestro personal como {reference}. Clínica: {phone}.",
    not_stored="NO pude pasar esto a nuestro personal. Por favor, llame también a la clínica al {phone}.",
    reminder=(
        "Su aviso {reference} sigue abierto con nuestro personal. Si empeora, llame al {emergency}; "
        "si piensa en el suicidio, llame o escriba al {crisis}."
    ),
    ask_back=(
        "Quiero saber si usted está a salvo. ¿Le está pasando esto ahora mismo, a usted o a alguien a su lado? "
        "Si es así, llame al {emergency} ahora; si piensa en el suicidio, llame o escriba al {crisis}. "
        "Responda sí o no. Si no responde, pediré a nuestro personal que lo revise."
    ),
    ask_again=(
        "Aún no me ha dicho si está pasando ahora mismo: ¿sí o no? Si es así, llame al {emergency}; "
        "si piensa en el suicidio, llame o escriba al {crisis}."
    ),
    ask_back_yes="Sí, ahora mismo",
    ask_back_no="No, no está pasando",
    glad_it_is_not=(
        "Gracias por decírmelo. Si llega a pasar, llame al {emergency}, o llame o escriba al {crisis} si piensa en el "
        "suicidio. También puede llamar a la clínica al {phone}."
    ),
    degraded=(
        "Ahora no puedo responder preguntas por un problema técnico. {what} Para hablar con alguien, llame a la "
        "clínica al {phone}. En una emergencia llame al {emergency}; si piensa en el suicidio, llame o escriba al "
        "{crisis}."
    ),
    question_kept="Guardé su pregunta para nuestro personal como {reference}.",
    question_not_kept="Tampoco pude guardar su pregunta.",
    asked={
        "person": "que desea hablar con una persona",
        "question": "su pregunta",
        "symptom": "lo que me contó sobre cómo se siente",
    },
    passed_on=(
        "He pasado {what} a nuestro personal como {reference}. Nadie mira este chat todo el tiempo; si prefiere no "
        "esperar, llame a la clínica al {phone}."
    ),
    not_passed_on=(
        "No pude pasar {what} a nuestro personal por un problema técnico. Por favor, llame a la clínica al {phone}."
    ),
    in_an_emergency="En una emergencia llame al {emergency}.",
    when_to_call=(
        "Llame a la clínica al {phone} si empeora, si aparece algo nuevo o si no pasa en un día. Llame al {emergency} si "
        "le cuesta respirar, le duele el pecho, convulsiona, se desmaya o no logran despertarle; si piensa en el "
        "suicidio, llame o escriba al {crisis}."
    ),
    not_sure_of_symptom=(
        "Desde aquí no puedo saber si esto puede esperar. ¿Pido a nuestro personal que lo revise? Si prefiere no esperar "
        "o empeora, llame a la clínica al {phone}. En una emergencia llame al {emergency}."
    ),
    not_my_language=(
        "Por ahora solo puedo responder preguntas en inglés. Para hablar con alguien, llame a la clínica al {phone}. "
        "Si algo va mal, escríbamelo en español y avisaré al personal. En una emergencia llame al {emergency}; si "
        "piensa en el suicidio, llame o escriba al {crisis}."
    ),
    paged="A las {time} avisamos al personal de guardia de {reference}. Le diré cuando alguien lo haya visto.",
    seen="{who} vio su aviso {reference} a las {time} y se comunicará con usted.",
    joined="{who} se ha unido y le escribe aquí.",
    nobody_yet=(
        "Todavía nadie ha respondido a su aviso {reference}. No espere: llame al {emergency} si es una emergencia, "
        "llame o escriba al {crisis} si piensa en el suicidio, o llame a la clínica al {phone}. Seguimos intentando."
    ),
    closed=(
        "Nuestro personal ha cerrado {reference}. Si algo cambia, escriba aquí o llame al {phone}; en una emergencia "
        "llame al {emergency}."
    ),
    somebody="Alguien de nuestro personal",
    ask_number="Si puede, escriba el número de teléfono donde podemos llamarle.",
    forgotten=(
        "Esta conversación está borrada. Si algo va mal, escriba de nuevo o llame al {phone}; en una emergencia llame al "
        "{emergency}."
    ),
    forgotten_later=(
        "Nuestro personal todavía necesita esta conversación. Se borrará un día después de que la hayan atendido."
    ),
    have_number="Gracias. Nuestro personal puede llamarle al {number}.",
    sms=SmsTexts(
        greeting=(
            "Soy el asistente automático de {name}: ni persona ni dispositivo médico, y nadie lee todo el tiempo. "
            "Emergencia: llame al {emergency}. Ideas de suicidio: llame o escriba al {crisis}. AYUDA: más información. "
            "STOP: no más textos. Frecuencia variable; pueden aplicarse tarifas."
        ),
        help=(
            "En una emergencia llame al {emergency}; si piensa en el suicidio, llame o escriba al {crisis}. {name}: soy "
            "un asistente automático. Para hablar con alguien llame al {phone}. STOP: no más textos. "
            "Pueden aplicarse tarifas."
        ),
        stopped=(
            "{name}: no recibirá más textos. START: reanudar. Llámenos: {phone}. "
            "Emergencia: {emergency}. Suicidio: {crisis}."
        ),
        stopped_with_report=(
            "No recibirá más textos de {name}, tampoco sobre su aviso {reference}: pedimos al personal que le llame. "
            "No espere: en una emergencia llame al {emergency}; si piensa en el suicidio, llame o escriba al {crisis}. "
            "Clínica: {phone}. START: reanudar."
        ),
        started="{name}: volverá a recibir textos. En una emergencia llame al {emergency}. AYUDA: ayuda. STOP: no más.",
        how_to_stop="Para no recibir más textos, responda STOP.",
        no_pictures=(
            "No puedo ver fotos ni archivos. Por favor, escríbalo con palabras o llame a la clínica al {phone}. "
            "En una emergencia llame al {emergency}."
        ),
        voicemail_stored=(
            "Su mensaje de voz quedó guardado para nuestro personal como {reference}. Si prefiere no esperar, llame a "
            "la clínica al {phone}. En una emergencia llame al {emergency}."
        ),
        voicemail_not_stored=(
            "NO pude guardar su mensaje de voz para nuestro personal. Por favor, llame a la clínica al {phone}. "
            "En una emergencia llame al {emergency}."
        ),
        call_back_stored=(
            "No puedo enviar textos a este número; pedí a nuestro personal que le llame, como {reference}. "
            "En una emergencia llame al {emergency}."
        ),
        call_back_not_stored=(
            "No puedo enviar textos a este número y NO pude pedir a nuestro personal que le llame. Por favor, llame a la "
            "clínica al {phone}. En una emergencia llame al {emergency}."
        ),
        more="Responda MAS para seguir.",
        more_in_full="Responda MAS para leer todo.",
        source="Fuente: {sources}.",
        sources="Fuentes: {sources}.",
        and_others="y {count} más",
        yes_or_no="Responda SI o NO.",
        by_number="Responda con un número: {options}.",
        by_word="Responda con una de estas: {options}.",
    ),
)
