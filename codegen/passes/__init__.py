"""Network to network (and network to facts about it), run in one explicit order."""
