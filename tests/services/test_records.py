from tests.services.world import Store


def test_smoke(store: Store) -> None:
    lead = store.add("organization", name="Acme")
    print(store.shown("organization", lead))
    assert store.count("organization") == 1
