"""Which benchmarks are agentic: the model acts in an environment over several steps.

``agentic``: tools, a shell, a browser or a simulator, and the outcome of the episode is scored.
``answer``: one answer (text, a choice, one program) to one prompt is scored, with or without
retries. ``None``: mixed, or not described well enough to say; such rows take no part in the
comparison. The table is by benchmark family; its entries follow the benchmarks' own descriptions.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["Kind", "kind_of"]

Kind = Literal["agentic", "answer"]

#: Families outside cyber.
_ELSEWHERE: dict[str, Kind] = {
    # coding: a repository or a machine to work in
    "terminal-bench": "agentic",
    "swe-bench": "agentic",
    "swe-bench-pro": "agentic",
    "swe-atlas": "agentic",
    "swe-marathon": "agentic",
    "deepswe": "agentic",
    "frontierswe": "agentic",
    "gso": "agentic",
    "metr-horizon": "agentic",
    "nl2repo": "agentic",
    "posttrainbench": "agentic",
    "programbench": "agentic",
    "portbench": "agentic",
    # coding: one edit or program, graded
    "aider": "answer",
    "aider-edit": "answer",
    "weirdml": "answer",
    "cadeval": "answer",
    "webdev-arena": "answer",
    # general: a computer, an office, a game, the web
    "osworld": "agentic",
    "apex-agents": "agentic",
    "theagentcompany": "agentic",
    "automationbench": "agentic",
    "agents-last-exam": "agentic",
    "toolathlon": "agentic",
    "balrog": "agentic",
    "deepresearch-bench": "agentic",
    # general: questions and answers
    "arc-agi": "answer",
    "bbh": "answer",
    "chess-puzzles": "answer",
    "fiction-livebench": "answer",
    "frontiermath": "answer",
    "geobench": "answer",
    "gpqa": "answer",
    "gsm8k": "answer",
    "hle": "answer",
    "lech-mazur-writing": "answer",
    "lmarena": "answer",
    "math": "answer",
    "mmlu": "answer",
    "otis-mock-aime": "answer",
    "simplebench": "answer",
    "simpleqa": "answer",
    "vpct": "answer",
}

#: Cyber goes by stage; these families are exceptions.
_BY_STAGE: dict[str, Kind] = {
    "find_reproduce": "agentic",
    "exploit": "agentic",
    "range": "agentic",
    "ctf_mixed": "agentic",
    "knowledge": "answer",
}
_CYBER: dict[str, Kind | None] = {
    "cybashbench": "answer",  # one command for one request
    "nl2bash": "answer",
    "baxbench": "answer",  # one back-end program, graded by tests and exploits
    "autobaxbench": "answer",
    "seccodebench": "answer",
    "secllmholmes": "answer",
    "google-vuln-mc": "answer",
    "cyberteam": "answer",
    "excytin": "agentic",  # queries against a security log database
    "cti-realm": "agentic",
    "sec-bench": "agentic",
    "evmbench": "agentic",
    "cybergym-e2e": "agentic",
    "bountybench": "agentic",
    "dfir-metric": None,  # questions in one part, capture-the-flag tasks in another
    "ctfaia": None,
    "aisi-narrow": None,  # one average over questions and tasks
}


def kind_of(family: str | None, domain: str, stage: str | None) -> Kind | None:
    """Kind of a benchmark family; ``None`` where it cannot be said.

    Examples
    --------
    >>> kind_of("swe-bench", "coding", None), kind_of("mmlu", "general", None)
    ('agentic', 'answer')
    >>> kind_of("unheard-of", "coding", None) is None
    True
    """
    if domain != "cyber":
        return _ELSEWHERE.get(family or "")
    if family in _CYBER:
        return _CYBER[family]
    return _BY_STAGE.get(stage or "")
