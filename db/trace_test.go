package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
)

func TestStatementsAreSeenByWhoWatches(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, trips := db.Watch(t.Context())
	const ask, answer = "SELECT $1::int", 7
	for _, scope := range []db.Scope{h.db.Clinic(ours), h.db.Platform()} {
		var got int
		if err := scope.QueryRow(ctx, ask, answer).Scan(&got); err != nil {
			t.Fatal(err)
		}
	}
	want := []db.Statement{{SQL: ask, Args: []any{answer}}, {SQL: ask, Args: []any{answer}}}
	if diff := cmp.Diff(want, trips.Statements()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
