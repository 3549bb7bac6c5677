"""A telephone company to try texting and calling with: for tests, for the demo, for a terminal. It reaches nobody."""

from tools.telephone_company.calls import Call
from tools.telephone_company.company import TelephoneCompany
from tools.telephone_company.phones import Phone, Ringing
from tools.telephone_company.trouble import Manner
from tools.telephone_company.webhooks import Delivery

__all__ = ["Call", "Delivery", "Manner", "Phone", "Ringing", "TelephoneCompany"]
