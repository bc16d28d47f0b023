"""The kinds of codes: how each is printed, cut or lit, seen from straight above."""
