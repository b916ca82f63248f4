"""The shipped contract tests explain their failures as this repository's own do."""

import pytest

pytest.register_assert_rewrite("cectrust.sdk.testing")
