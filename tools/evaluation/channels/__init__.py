"""Is the assistant as good over SMS and on the telephone as on the web: the same labelled messages through each."""
