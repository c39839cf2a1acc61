"""Looking over all law of a library: what contradicts, what is silent, what never matters.

Each module asks one kind of question of ``setting.Bench`` and gives ``findings.Finding`` values.  A case that a finding
names is a model of the solver; the room ``proving`` makes a case of it and has it confirmed.
"""
