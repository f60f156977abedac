from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from inrarch.engine.plan import Plan, all_downstream, make_plan
from inrarch.engine.stage import Stage
from inrarch.errors import UserError
from inrarch.stages import ordered


def stage(name: str, *after: str) -> Stage:
    return Stage(name, name, lambda work: None, lambda variant: {}, after)


@pytest.fixture
def plan() -> Plan:
    names = [("siren", "u50"), ("siren", "u280"), ("sdf", "u50")]
    stages = ordered([stage("map", "expand"), stage("expand"), stage("hls", "expand", "map")])
    variants = [SimpleNamespace(project=project, name=name) for project, name in names]
    return make_plan(variants, stages, {"bad": UserError("bad is wrong")})


def select(plan: Plan, *patterns: str, until: str | None = None) -> list[str]:
    return [job.name for job in plan.select(patterns, until)]


def test_a_project_stands_for_the_stages_of_its_variants_in_running_order(plan: Plan) -> None:
    assert select(plan, "siren") == [
        *("siren@u50:expand", "siren@u50:map", "siren@u50:hls"),
        *("siren@u280:expand", "siren@u280:map", "siren@u280:hls"),
    ]
    assert len(select(plan, "s*")) == 9


@pytest.mark.parametrize(
    ("pattern", "variants"),
    [("sdf@u50", {"sdf@u50"}), ("s*@u50", {"siren@u50", "sdf@u50"}), ("s*", {"siren@u50", "siren@u280", "sdf@u50"})],
)
def test_globs_stand_for_variants(plan: Plan, pattern: str, variants: set[str]) -> None:
    assert {name.partition(":")[0] for name in select(plan, pattern)} == variants


def test_a_stage_brings_only_what_it_needs(plan: Plan) -> None:
    assert select(plan, "sdf@u50:map") == ["sdf@u50:expand", "sdf@u50:map"]
    assert select(plan, "sdf:m*") == ["sdf@u50:expand", "sdf@u50:map"]
    assert select(plan, "sdf", until="map") == ["sdf@u50:expand", "sdf@u50:map"]


def test_an_unknown_name_is_an_error_with_the_nearest_one(plan: Plan) -> None:
    with pytest.raises(UserError) as caught:
        plan.select(["sdf", "sirn"])
    assert str(caught.value) == "no project 'sirn'; expected one of bad, sdf, siren\nhint: did you mean 'siren'?"


def test_a_broken_project_is_an_error_only_when_it_is_chosen(plan: Plan) -> None:
    assert len(plan.match("siren")) == 6
    for names in ([], ["bad"], ["siren", "b*@x"]):
        with pytest.raises(UserError, match="bad is wrong"):
            plan.select(names)


@pytest.mark.parametrize("ask", [lambda plan: plan.select([], "exand"), lambda plan: plan.match("siren:exand")])
def test_an_unknown_stage_is_an_error_with_the_nearest_one(plan: Plan, ask: Callable[[Plan], object]) -> None:
    with pytest.raises(UserError) as caught:
        ask(plan)
    assert str(caught.value) == (
        "no stage is called 'exand'; expected one of expand, map, hls\nhint: did you mean 'expand'?"
    )


def test_downstream_is_everything_that_depends_on_a_job(plan: Plan) -> None:
    assert {job.name for job in all_downstream(plan.jobs["sdf@u50:expand"])} == {"sdf@u50:map", "sdf@u50:hls"}


def test_names_are_legal_for_doit(plan: Plan) -> None:
    from doit.task import Task

    for name in plan.jobs:
        Task(name, None)
        assert not set("=*?[") & set(name)


def test_stages_that_wait_for_each_other_or_for_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="stages wait for each other"):
        ordered([stage("a", "b"), stage("b", "a")])
    with pytest.raises(ValueError, match="stage 'a' comes after an unknown stage 'z'"):
        ordered([stage("a", "z")])
