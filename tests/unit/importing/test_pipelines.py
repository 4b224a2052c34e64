from decimal import Decimal

import pytest

from crmcli.domain.stages import PRESETS
from crmcli.errors import UsageError
from crmcli.importing.options import Options

from .conftest import Preparer, drafts


def test_labels_of_a_ready_made_pipeline_bring_all_its_stages(prepared: Preparer) -> None:
    text = (
        "Deal Name,Deal Stage,Pipeline\nA,contractsent,Sales Pipeline\nB,Closed Won,Renewals\nC,Closed Won,Renewals\n"
    )
    sales, renewals = prepared(text, "deal").decisions.pipelines
    assert (sales.name, renewals.name, sales.told) == ("Sales Pipeline", "Renewals", True)
    assert [stage.kind for stage in sales.stages] == [stage.kind for stage in PRESETS["hubspot"]]
    assert [stage.name for stage in sales.stages][4:] == ["contractsent", "Closed won", "Closed lost"]
    assert [stage.deals for stage in renewals.stages] == [0, 0, 0, 0, 0, 2, 0]
    assert sales.stages[0].probability == Decimal(20)


def test_other_stages_stand_in_order_of_their_probability_with_both_ends(prepared: Preparer) -> None:
    text = (
        "Opportunity ID,Opportunity Name,Stage,Probability (%)\n"
        "1,A,Offer,75\n2,B,First talk,10\n3,C,Signed,100\n4,D,Offer,75\n5,E,Offer,60\n"
    )
    [pipeline] = prepared(text, "deal", Options(stage_kinds={"signed": "won"})).decisions.pipelines
    assert (pipeline.name, pipeline.told) == ("Salesforce", False)
    assert [(stage.name, stage.kind, stage.probability) for stage in pipeline.stages] == [
        ("First talk", "open", Decimal(10)),
        ("Offer", "open", Decimal(75)),
        ("Signed", "won", Decimal(100)),
        ("Lost", "lost", Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("stages", "found"),
    [
        ("Prospecting,Closed Won", [10, 10, 20, 50, 60, 70, 75, 90, 100, 0]),
        ("Needs Analysis,Legal,Proposal/Price Quote,Closed Lost", [0, 20, 75, 100, 0]),
    ],
)
def test_the_probabilities_of_the_vendor_stand_in_for_those_a_file_lacks(
    prepared: Preparer, stages: str, found: list[int]
) -> None:
    rows = "".join(f"{number},{stage}\n" for number, stage in enumerate(stages.split(",")))
    [pipeline] = prepared(f"Id,StageName\n{rows}", "deal").decisions.pipelines
    assert [stage.probability for stage in pipeline.stages] == found


def test_the_probabilities_of_the_file_come_first(prepared: Preparer) -> None:
    text = "Opportunity ID,Opportunity Name,Stage,Probability (%)\n1,A,Prospecting,15\n2,B,Needs Analysis,\n"
    [pipeline] = prepared(text, "deal").decisions.pipelines
    assert [stage.probability for stage in pipeline.stages][:3] == [15, 10, 20]


def test_the_truth_columns_tell_what_a_stage_is(prepared: Preparer) -> None:
    text = "Id,StageName,IsWon,IsClosed\n1,Hooray,true,true\n2,Alas,false,true\n3,Maybe,false,false\n"
    [pipeline] = prepared(text, "deal").decisions.pipelines
    assert [(stage.name, stage.kind) for stage in pipeline.stages] == [
        ("Maybe", "open"),
        ("Hooray", "won"),
        ("Alas", "lost"),
    ]


def test_options_name_pipeline_and_stages(prepared: Preparer) -> None:
    options = Options(pipeline="Roofs", stage_map={"Done deal": "Won", "talking": "Negotiation"})
    text = "Deal Name,Stage,Pipeline\nA,done deal,X\nB,Talking,Y\n"
    built = prepared(text, "deal", options)
    [pipeline] = built.decisions.pipelines
    assert [stage.name for stage in pipeline.stages] == ["Negotiation", "Won", "Lost"]
    assert [draft.values["outcome"] for draft in drafts(built)] == ["won", "open"]
    assert {draft.links["pipeline"][0].keys[0].value for draft in drafts(built)} == {"Roofs"}


def test_a_column_that_holds_no_stages_is_refused(prepared: Preparer) -> None:
    rows = "".join(f"Deal {number},Stage {number}\n" for number in range(101))
    with pytest.raises(UsageError, match="more than 100"):
        prepared(f"Deal Name,Stage\n{rows}", "deal")
