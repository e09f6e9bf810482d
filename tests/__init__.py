import pytest

# Test modules import these before they are named as plugins; their asserts are to explain themselves all the same.
pytest.register_assert_rewrite("tests.client", "tests.stack", "tests.browser")
