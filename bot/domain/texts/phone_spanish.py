"""What is said on the telephone, in Spanish: "usted", and words that are understood from Madrid to Los Angeles."""

from bot.domain.texts.phone import PhoneTexts

SPANISH = PhoneTexts(
    code="es-US",
    greeting=(
        "Gracias por llamar a {clinic}. Si es una emergencia, cuelgue y llame al {emergency}. Si piensa en el suicidio, "
        "llame o escriba al {crisis}. Habla con un asistente automático. Ninguna persona está escuchando."
    ),
    change_language="Para español, oprima nueve.",
    ask="Dígame en pocas palabras qué necesita.",
    menu="O bien oprima",
    menu_item="{key} para {title}",
    menu_end="Oprima cero para hablar con una persona, o asterisco para oír esto otra vez.",
    anything_else=(
        "¿Necesita algo más? Dígamelo, u oprima asterisco para oírlo otra vez, numeral para el menú, o cero para hablar "
        "con una persona."
    ),
    text_this="Si lo quiere como mensaje de texto, oprima uno.",
    unheard="No oí nada.",
    not_understood="Perdone, no le entendí.",
    why={
        "unheard": "Perdone. Parece que por voz no nos entendemos bien.",
        "too_long": "La respuesta es demasiado larga para decirla por teléfono.",
        "asked": "Puedo mandarle un mensaje de texto para seguir por escrito.",
        "closed": "En este momento no hay nadie en la recepción.",
        "nobody": "Nadie en la recepción pudo contestar.",
        "slow": "Tardo más de lo debido en encontrar la respuesta.",
        "language": "Por ahora solo puedo responder preguntas en inglés.",
        "enough": "Llevamos un rato hablando. Para lo que falta hay mejores maneras.",
    },
    offer_text=(
        "Oprima uno, y {clinic} le mandará un mensaje de texto al número desde el que llama. Pueden aplicarse tarifas de "
        "mensajes y datos, y puede responder STOP en cualquier momento."
    ),
    offer_callback="Oprima dos, y nuestro personal le llamará.",
    offer_message="Oprima tres para dejar un mensaje a nuestro personal.",
    text_is_coming="Gracias. Le llegará un mensaje de texto. Respóndalo para seguir por escrito.",
    text_refused="No puedo mandar un mensaje de texto a este número.",
    will_call_back=(
        "Nuestro personal le llamará al número desde el que llama. Su petición quedó guardada como {reference}. Si se "
        "vuelve una emergencia, llame al {emergency}."
    ),
    will_call_number=(
        "Nuestro personal le llamará al {number}. Su petición quedó guardada como {reference}. Si se vuelve una "
        "emergencia, llame al {emergency}."
    ),
    ask_number=(
        "No veo el número desde el que llama. Marque con las teclas el número donde podemos llamarle, con código de área, "
        "y después oprima numeral."
    ),
    check_number="El número es {number}. Oprima uno si es correcto, o dos para marcarlo otra vez.",
    wrong_number="Ese no es un número al que sepa llamar.",
    no_number="Sin un número no podemos llamarle. Puede llamar a la clínica al {phone}.",
    connecting_desk="Le comunico con la recepción. Un momento.",
    connecting_person=(
        "Si no puede llamar usted, quédese en la línea. Estoy llamando por usted a nuestro personal de guardia. Puede "
        "tardar unos tonos."
    ),
    connecting_next=(
        "Nadie ha contestado todavía. Llamo a la siguiente persona. Si es una emergencia, no espere: cuelgue y llame "
        "al {emergency}."
    ),
    desk_done="Gracias.",
    staff_done="Terminó su conversación con nuestro personal.",
    stored=(
        "Su aviso {reference} está guardado para nuestro personal de guardia. Nadie ha respondido todavía. Si es una "
        "emergencia, no espere: cuelgue y llame al {emergency}. Si piensa en el suicidio, llame o escriba al {crisis}."
    ),
    paged=(
        "Avisamos a nuestro personal de guardia de su aviso {reference}. Nadie ha respondido todavía. Si es una "
        "emergencia, no espere: cuelgue y llame al {emergency}. Si piensa en el suicidio, llame o escriba al {crisis}."
    ),
    seen=(
        "{who} vio su aviso {reference} y se comunicará con usted. Si empeora, no espere: cuelgue y llame al {emergency}."
    ),
    somebody="Alguien de nuestro personal",
    hold_number="No veo su número. Oprima dos para marcar el número donde podemos llamarle.",
    hold_keys="Oprima cero y volveré a buscar a alguien. Puede quedarse en la línea, o contarme más.",
    hold_end=(
        "Tengo que terminar esta llamada. Su aviso {reference} sigue abierto con nuestro personal. Si es una emergencia, "
        "llame al {emergency} ahora. Si piensa en el suicidio, llame o escriba al {crisis}. También puede volver a llamar."
    ),
    yes_or_no="Oprima uno para sí, dos para no, o dígalo.",
    no_answer=(
        "No oí una respuesta, así que pido a nuestro personal que lo revise ahora. Si es una emergencia, cuelgue y llame "
        "al {emergency}."
    ),
    choice="Para {title}, oprima {key}.",
    one_moment="Un momento, por favor. Estoy buscando la respuesta.",
    record=(
        "Después del tono, deje su mensaje y oprima numeral. Nadie escucha los mensajes todo el tiempo: si es una "
        "emergencia, cuelgue y llame al {emergency}."
    ),
    say_message=(
        "Diga ahora su mensaje. Nadie lee los mensajes todo el tiempo: si es una emergencia, cuelgue y llame "
        "al {emergency}."
    ),
    message_kept=(
        "Gracias. Su mensaje quedó guardado para nuestro personal como {reference}. Si se vuelve una emergencia, llame "
        "al {emergency}."
    ),
    passed_on="Su petición está con nuestro personal como {reference}.",
    with_staff=(
        "Alguien de nuestro personal tiene su caso y puede leer lo que dijo. Si es una emergencia, cuelgue y llame "
        "al {emergency}."
    ),
    source="Esto viene de: {document}.",
    goodbye="Gracias por llamar a {clinic}. En una emergencia, llame al {emergency}. Adiós.",
    technical=(
        "Tengo un problema técnico. Si es una emergencia, cuelgue y llame al {emergency}. Si piensa en el suicidio, llame "
        "o escriba al {crisis}. Puede llamar a la clínica al {phone}."
    ),
    technical_connecting="Le comunico ahora con la clínica.",
    technical_ask="Si es urgente, dígame en pocas palabras qué pasa.",
    whisper=(
        "Habla {clinic}. Aviso {reference}, {tier}. El paciente está en la línea. Oprima uno para tomarlo y hablar con el "
        "paciente."
    ),
    whisper_again="Oprima uno para tomarlo.",
    whisper_taken="Usted tiene el aviso. Le comunico ahora.",
    whisper_other="{who} ya tiene el aviso. Le comunico de todos modos.",
    whisper_gone="Usted tiene el aviso {reference}. El paciente colgó: llámele ahora.",
    whisper_not_stored="No se pudo guardar que usted lo tiene. Le comunico ahora.",
    whisper_left="Se llama a la siguiente persona. Adiós.",
    tiers={"emergency": "emergencia", "urgent": "urgente"},
    handoff_texted="Le estamos mandando un mensaje de texto. Respóndalo para seguir por escrito.",
    handoff_called="Nuestro personal le llamará. Su petición quedó guardada como {reference}.",
    text_opening="Seguimos por texto: ¿qué necesita?",
    text_about="Su llamada era sobre: {menu}.",
    hints=(
        "ketamina",
        "infusión",
        "emergencia",
        "dolor",
        "cita",
        "operador",
        "persona",
        "repetir",
        "menú",
        "sí",
        "no",
        "English",
    ),
)
