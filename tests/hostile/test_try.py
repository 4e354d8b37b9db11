from tests.hostile.contract import *
import json
def test_town(client, session, world):
    from tests.hostile.town import build_town
    t = build_town(client, session, world)
    print(t.ids)
    for r in body_routes():
        print(r, json.dumps(example(r.schema, t.ids), ensure_ascii=False)[:300])
