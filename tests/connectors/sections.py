"""What may stand in a section of config.toml, for the tests of its connector."""

from hypothesis import strategies as st

VALUES: st.SearchStrategy[object] = st.one_of(
    st.integers(),
    st.integers(10**400, 10**401),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.text("abc:/.?#@ \\"),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
)
