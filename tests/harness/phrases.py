"""What stands around a report, and symptoms that "no" takes back."""

from __future__ import annotations

GREETINGS = ["Hi, ", "hello there. ", "Hey it's Ana\n", "good evening! ", "sorry to bother you. ", "Hola. "]
QUESTIONS = [
    "How much does a session cost?",
    "Can I eat before the infusion?",
    "What time do you open on Saturday?",
    "Do you take Aetna?",
    "Is it normal to feel nervous before the first visit?",
    "What are the odds of insurance paying?",
    "¿Cuánto cuesta una sesión?",
]
EMOJI = ["😭", "🙏🙏", "😰", "❤️", "🤷‍♀️", "lol", "..."]
SYMPTOMS = ["chest pain", "seizures", "fever and chills with burning urine", "hives", "trouble breathing", "wheezing", "blood in my urine",
            "double vision", "palpitations", "pus at the iv site", "swelling of my tongue", "face drooping", "blood clots in my pee",
            "fainting or seizures", "jaundice", "slurred speech", "shortness of breath"]  # fmt: skip
SPANISH_SYMPTOMS = ["dolor de pecho", "convulsiones"]
