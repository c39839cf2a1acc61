"""One case: from a case file to an answer with reasons.

case.py        case file -> Case                        (every key known, every offence found, nothing guessed)
interpret.py   Case x Era -> Evaluation                 (the reference: plain enough to be obviously right)
specialise.py  Era -> generated Python -> Evaluation    (the same, fast)
outcome.py     who wins -> must / must not / may / …    (shared arithmetic)
explain.py     Evaluation -> Answer                     (reasons, missing facts, what would change it)
clocks.py      deadlines and longest holds
ask.py         which question next
coverage.py    examples of the library, run and measured
"""
