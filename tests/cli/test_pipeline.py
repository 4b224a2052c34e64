import pytest

from tests.cli.workspace import Workspace


def stages(workspace: Workspace, pipeline: str = "sales") -> list[str]:
    return [stage["key"] for stage in workspace.json("pipeline", "show", pipeline)["stage_list"]]


def test_list_and_show(workspace: Workspace) -> None:
    assert workspace.ok("pipeline", "list").startswith("sales\tSales\ttrue\t0\tpotential, ")
    assert stages(workspace)[-2:] == ["won", "lost"]


def test_add_by_preset_and_by_stages(workspace: Workspace) -> None:
    assert workspace.ok("pipeline", "add", "Renewals", "--stage", "Contacted:40", "--stage", "Offer:70") == "renewals"
    assert stages(workspace, "renewals") == ["contacted", "offer", "won", "lost"]
    assert workspace.ok("pipeline", "add", "Partners", "--preset", "sales") == "partners"
    assert stages(workspace, "partners") == stages(workspace)
    assert "there is no ready-made pipeline" in workspace.refused(2, "pipeline", "add", "X", "--preset", "salez")
    assert "a pipeline sales already" in workspace.refused(5, "pipeline", "add", "Sales")


def test_a_stage_is_added_changed_ordered_and_removed(workspace: Workspace) -> None:
    edit = ["pipeline", "edit", "sales"]
    assert workspace.ok(*edit, "--add-stage", "Demo", "--probability", "30", "--after", "potential") == "sales/demo"
    before = stages(workspace)
    assert before[:2] == ["potential", "demo"]
    stage = workspace.json(
        *edit, "--stage", "demo", "--name", "Live demo", "--rotting-days", "9", "--probability", "35"
    )
    assert (stage["name"], stage["rotting_days"], stage["probability"]) == ("Live demo", 9, 35)
    workspace.ok(*edit, "--order", ",".join(["demo", "potential", *before[2:]]))
    assert stages(workspace)[:2] == ["demo", "potential"]
    workspace.ok("deal", "add", "Order", "--org", "Acme", "--create", "--stage", "demo")
    assert "it holds 1 deal;" in workspace.refused(4, *edit, "--rm-stage", "demo")
    workspace.ok(*edit, "--rm-stage", "demo", "--move-to", "potential")
    assert "demo" not in stages(workspace)
    assert workspace.json("deal", "show", "D1")["stage_ref"] == "potential"


def test_a_changed_stage_changes_deals_only_when_told(workspace: Workspace) -> None:
    """Golden case 2.d."""
    workspace.ok("deal", "add", "Order", "--org", "Acme", "--create", "--stage", "quote_sent")
    workspace.ok("pipeline", "edit", "sales", "--stage", "quote_sent", "--probability", "70")
    assert workspace.json("deal", "show", "D1")["probability"] == 65
    assert workspace.ok("pipeline", "edit", "sales", "--reapply") == "D1"
    assert workspace.json("deal", "show", "D1")["probability"] == 70


def test_another_default(workspace: Workspace) -> None:
    workspace.ok("pipeline", "add", "Partners", "--default")
    assert [row["is_default"] for row in workspace.json("pipeline", "list")] == [False, True]
    workspace.ok("pipeline", "edit", "sales", "--set", "is_default=yes")
    assert workspace.ok("pipeline", "rm", "partners", "--yes") == "partners"
    assert "default pipeline" in workspace.refused(4, "pipeline", "rm", "sales", "--yes")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["edit", "sales"], 2, "there is nothing to change"),
        (["edit", "sales", "--add-stage", "A", "--rm-stage", "B"], 2, "one change of stages at a time"),
        (["edit", "sales", "--order", "won,lost"], 2, "each stage of the pipeline once"),
        (["edit", "sales", "--stage", "nowhere", "--name", "X"], 3, "no stage 'nowhere'"),
        (["edit", "nowhere", "--name", "X"], 3, "no pipeline 'nowhere'"),
        (["add", "X", "--preset", "sales", "--stage", "A"], 2, "either --preset or the stages"),
        (["rm", "sales"], 2, "--yes"),
    ],
)
def test_wrong_words_change_nothing(workspace: Workspace, words: list[str], code: int, said: str) -> None:
    assert said in workspace.refused(code, "pipeline", *words)
