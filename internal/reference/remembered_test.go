package reference_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
)

// TestListsAreRemembered asks neither PostgreSQL nor Redis, until a list has changed or an hour is over.
func TestListsAreRemembered(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	b := newBots(t, redis.Options{Addr: server.Addr()})
	pgtest.Hear(t, b.database)
	remembering := db.Remembering(t.Context())
	wants := func(when string, plans, asked int) {
		t.Helper()
		ctx, trips := db.Watch(remembering)
		commands := server.CommandCount()
		list, err := b.here.Plans(ctx)
		must(t, err)
		if len(list) != plans || trips.Count() != asked || server.CommandCount() != commands {
			t.Errorf("%s: %d plans, PostgreSQL was asked %d times and Redis %d; want %d, %d and 0",
				when, len(list), trips.Count(), server.CommandCount()-commands, plans, asked)
		}
	}
	wants("at first", 0, 1)
	wants("remembered", 0, 0)
	b.addPlan("Monthly")
	wants("after a change", 1, 1)
	b.clock.Advance(time.Hour)
	wants("an hour later", 1, 1)
}
