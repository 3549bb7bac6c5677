"""The whole product in a box: an invented clinic, a telephone company that reaches nobody, phones on a web page."""
