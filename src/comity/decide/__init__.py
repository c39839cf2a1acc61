"""One case: from a case file to an answer with reasons.

interpret.py   Case x Era -> Evaluation                 (the reference: plain enough to be obviously right)
specialise.py  Era -> generated Python -> Evaluation    (the same, fast)
explain.py     Evaluation -> Answer                     (reasons, missing facts, what would change it)
clocks.py      deadlines and longest holds
ask.py         which question next
coverage.py    examples of the library, run and measured
"""
