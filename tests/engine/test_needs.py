from __future__ import annotations

from inrarch.config.model import Totals
from inrarch.engine.needs import as_tokens, licence_tokens, machine_tokens, needs_of, too_big
from inrarch.engine.stage import Needs, Stage

STAGE = Stage("csim", "", lambda run: None, lambda variant: {}, needs=Needs(2, 900, {"vitis": 1}))


def test_the_workspace_overrides_what_a_stage_says_key_by_key() -> None:
    assert needs_of(STAGE, {}) == STAGE.needs
    assert needs_of(STAGE, {"map": {"cores": 7}}) == STAGE.needs
    assert needs_of(STAGE, {"csim": {"memory_mb": 4096}}) == Needs(2, 4096, {"vitis": 1})
    assert needs_of(STAGE, {"csim": {"cores": 1, "licences": {}}}) == Needs(1, 900, {})


def test_a_licence_is_a_token_of_its_own() -> None:
    assert as_tokens(STAGE.needs) == {"cores": 2, "memory_mb": 900, "licence_vitis": 1}
    assert as_tokens(Needs(licences={"vitis": 0})) == {"cores": 1, "memory_mb": 512}
    assert licence_tokens(Totals(licences={"vitis": 3})) == {"licence_vitis": 3}


def test_totals_are_those_of_the_machine_unless_said() -> None:
    here = machine_tokens(Totals())
    assert here["cores"] >= 1
    assert here["memory_mb"] >= 64
    assert machine_tokens(Totals(cores=3, memory_mb=5)) == {"cores": 3, "memory_mb": 5}


def test_a_stage_that_is_too_big_is_told_which_token_is_short() -> None:
    totals = {"cores": 2, "memory_mb": 1024, "licence_vitis": 1}
    assert too_big("csim", STAGE.needs, totals) is None
    texts = [
        too_big("csim", needs, totals)
        for needs in (
            Needs(cores=3),
            Needs(memory_mb=2000),
            Needs(licences={"vitis": 2}),
            Needs(licences={"vivado": 1}),
        )
    ]
    assert [error and error.text() for error in texts] == [
        "stage 'csim' needs cores 3, but there are 2 in all\n"
        "hint: raise `resources.cores` or lower `stages.csim.cores` in inrarch.yaml",
        "stage 'csim' needs memory_mb 2000, but there are 1024 in all\n"
        "hint: raise `resources.memory_mb` or lower `stages.csim.memory_mb` in inrarch.yaml",
        "stage 'csim' needs licences.vitis 2, but there is 1 in all\n"
        "hint: raise `resources.licences.vitis` or lower `stages.csim.licences.vitis` in inrarch.yaml",
        "stage 'csim' needs licences.vivado 1, but there are 0 in all\n"
        "hint: raise `resources.licences.vivado` or lower `stages.csim.licences.vivado` in inrarch.yaml",
    ]
