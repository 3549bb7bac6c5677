"""Processes are killed while reports come in: is anything lost, is anything promised that is not so?"""
