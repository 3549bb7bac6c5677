"""Twilio's wire: signatures, the REST client, TwiML. SignalWire and others speak the same."""
