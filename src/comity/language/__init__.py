"""Markdown to checked policy.

In: a folder of Markdown instruments and tables.  Out: ``comity.policy.library.Library``, or the list of problems.

    document.py      file -> front matter, headings, fenced blocks           (places kept)
    words.py         a line -> words with places
    clauses.py       a block -> items and their clauses
    conditions.py    words -> surface condition
    declarations.py, checks.py, blocks.py
                     fenced block -> surface statement (tree.py)
    layout.py, format.py
                     surface statement -> the one canonical text
    vocabulary.py    declaring blocks -> facts, actions, questions, ladder
    instruments.py   front matter -> instrument
    lower.py, norms.py, examples.py
                     surface statements + vocabulary -> core                  (names and types settled)
    references.py    "§ 3" or "us/ca/act § 3" -> norms
    assemble.py      all of these -> Library
    satisfiable.py   can these conditions hold together?
    eras.py, relations.py, clashes.py
                     problems between norms: circles, dead exceptions, contradictions
    sources.py       which files a library is, and their hash
    tables.py        agencies, holidays, coverage
    read.py          folder -> Library
"""
