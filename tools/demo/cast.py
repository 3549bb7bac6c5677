"""Who is in the demonstration: invented people with numbers that reach nobody, and their clinic's file."""

from __future__ import annotations

from dataclasses import dataclass

CLINIC_NUMBER = "+15550100150"
DESK_NUMBER = "+15550100199"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody with a phone. `staff`: the id on the on-call list, or nothing."""

    number: str
    name: str
    about: str
    kind: str  # patient, staff or desk
    staff: str = ""


CAST = (
    Role("+15550100142", "Ana", "patient", "patient"),
    Role("+15550100143", "Ben", "patient", "patient"),
    Role("+15550100144", "Cleo", "patient", "patient"),
    Role("+15550100101", "Noor", "nurse, nights and weekends", "staff", "noor"),
    Role("+15550100111", "Lee", "nurse, weekdays", "staff", "lee"),
    Role("+15550100121", "Kim", "medical director", "staff", "kim"),
    Role(DESK_NUMBER, "Front desk", "weekdays 08:00 to 17:00", "desk"),
)

# The name is the one for which a first account is made with a password of its own.
CLINIC_FILE = f"""\
# The clinic of the demonstration. Everybody in it is invented.
name: Riverbend Ketamine Clinic
phone: "{DESK_NUMBER}"
time_zone: America/Chicago
country: "US"

on_call:
  people:
    noor:
      name: Noor
      role: nurse
      contacts: ["sms:+1 555-010-0101", "call:+1 555-010-0101"]
      hours: ["mon-fri 17:00-08:00", "sat,sun 08:00-08:00"]
    lee:
      name: Lee
      role: nurse
      contacts: ["sms:+1 555-010-0111", "call:+1 555-010-0111"]
      hours: ["mon-fri 08:00-17:00"]
    kim:
      name: Kim
      role: medical director
      contacts: ["call:+1 555-010-0121"]
  ladder:
    emergency:
      steps:
      - page: [noor, lee]
      - page: [kim]
        after: 3
      - page: [noor, lee, kim]
        after: 3
      rounds: 3
      pause: 5
    urgent:
      steps:
      - page: [noor, lee]
      - page: [noor, lee]
        after: 5
      - page: [kim]
        after: 5
      rounds: 3
      pause: 10
  last_resort: [kim]

telephone:
  numbers: [{{number: "{CLINIC_NUMBER}", per_second: 5}}]
  desk: {{number: "{DESK_NUMBER}", hours: ["mon-fri 08:00-17:00"]}}
  menu: [hours, driving, fasting_food]

console:
  second_factor: optional
  idle_minutes: 15
"""
