"""What is no value yet, and what is."""

import pytest

from bot.doors.sheet.pending import is_pending

ERRORS = (
    "#N/A #REF! #VALUE! #NAME? #DIV/0! #NUM! #NULL! #ERROR! #SPILL! #GETTING_DATA #NV #BEZUG! #WERT! #NOM? #VALEUR! "
    "#\u00a1REF! #VALORE! #RIF! #VERW! #ADR! #SAKNAS! #I/T #YOK #BUSY! #n/a"
)


@pytest.mark.parametrize(
    "text",
    [
        *ERRORS.split(" "),
        "Loading...",
        "Loading\u2026",
        "loading ...",
        " Loading... ",
        "Loading\u200b...",
        "Wird geladen...",
        "Chargement...",
        "Chargement en cours\u2026",
        "Cargando...",
        "Carregando...",
        "Caricamento...",
        "\u8aad\u307f\u8fbc\u3093\u3067\u3044\u307e\u3059...",
    ],
)
def test_a_formula_that_has_no_value_yet_is_pending(text):
    assert is_pending(text)


@pytest.mark.parametrize(
    "text",
    ["", "Loading", "Loading the truck...", "#todo", "#1", "What is #N/A?", "N/A", "...", "\u2026", "0", "#", "x" * 99],
)
def test_words_of_people_are_not(text):
    assert not is_pending(text)
