from decimal import Decimal, localcontext

import pytest

from inrarch.numeric.constants import inverse_two_pi, log2_e

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")


@pytest.mark.parametrize("bits", [0, 5, 20, 64, 200, 300])
def test_constants_are_the_nearest_integers(bits):
    with localcontext() as context:
        context.prec = 100
        for found, exact in ((inverse_two_pi(bits), 1 / (2 * PI)), (log2_e(bits), 1 / Decimal(2).ln())):
            assert abs(found - exact * 2**bits) <= Decimal("0.5000001")


def test_constants_of_no_significance_round_to_zero():
    assert inverse_two_pi(-10) == 0
    assert log2_e(-1) == 1
