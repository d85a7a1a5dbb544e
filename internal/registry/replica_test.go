package registry_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/registry"
)

// TestListsOnAReplica has two instances of the bot on a primary and a standby: who registers with one finds it in the lists
// and searches of the other, whether the standby has it or not; and what is no list is read from the primary.
func TestListsOnAReplica(t *testing.T) {
	t.Parallel()
	primary, standby := pgtest.Replicated(t)
	var instances [2]*registry.Registry
	var d *desk
	for i := range instances {
		database, err := db.Open(t.Context(), primary.URL(), db.Replica(standby.URL(), func(err error) { t.Errorf("the replica is left alone: %v", err) }))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(database.Close)
		if d == nil {
			d = deskOn(t, database)
		}
		instances[i] = registry.New(database, d.clock)
	}
	there, err := pgx.Connect(t.Context(), standby.URL())
	d.must(err)
	defer there.Close(t.Context())

	// sees has the other instance list and search, and returns which of what it asked went to the replica.
	sees := func(names ...string) (replica, others []string) {
		t.Helper()
		ctx, trips := db.Watch(t.Context())
		list, err := instances[1].OwnersPage(ctx, d.mona, registry.ListMark{})
		d.must(err)
		var listed []string
		for _, owner := range list.Owners {
			listed = append(listed, owner.Name)
		}
		if diff := cmp.Diff(names, listed); diff != "" || list.Total != len(names) {
			t.Errorf("%d listed (-want +got)\n%s", list.Total, diff)
		}
		for _, typed := range []string{"zakaria", "zacaria"} { // the second is no beginning of a name: it is near one
			found, err := instances[1].Search(ctx, d.mona, typed, registry.Mark{})
			d.must(err)
			if len(found.Hits) != len(names) || found.Hits[0].Name != names[0] {
				t.Errorf("%q finds %+v", typed, found.Hits)
			}
		}
		number, err := instances[1].KeepSearch(ctx, d.mona, "zakaria")
		d.must(err)
		if typed, err := instances[1].KeptSearch(ctx, d.mona, number); err != nil || typed != "zakaria" {
			t.Errorf("kept %q, %v", typed, err)
		}
		for _, query := range trips.Queries() {
			if query.Replica {
				replica = append(replica, query.Names...)
			} else {
				others = append(others, query.Names...)
			}
		}
		return replica, others
	}
	caughtUp := func() {
		t.Helper()
		for clinicHas := false; !clinicHas; {
			const ask = `SELECT count(*) = $1 FROM owners, pg_sleep(0.005)`
			d.must(there.QueryRow(t.Context(), ask, d.count(d.mona, "owners")).Scan(&clinicHas))
		}
	}
	join := func(name string) {
		t.Helper()
		_, err := instances[0].Register(t.Context(), d.mona, registry.Registration{
			Key: db.NewKey(), Name: name, Phone: "+201000000077", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}},
		})
		d.must(err)
	}

	join("Zakaria One")
	caughtUp()
	sees("Zakaria One") // connects and prepares
	replica, others := sees("Zakaria One")
	for _, name := range []string{"OwnerPage", "OwnerSearch", "OwnerSearchNear"} {
		if !slices.Contains(replica, name) || slices.Contains(others, name) {
			t.Errorf("%s: the replica was asked %v, the primary %v", name, replica, others)
		}
	}
	for _, name := range []string{"SearchKeep", "SearchKept"} {
		if slices.Contains(replica, name) || !slices.Contains(others, name) {
			t.Errorf("%s: the replica was asked %v, the primary %v", name, replica, others)
		}
	}

	_, err = there.Exec(t.Context(), `SELECT pg_wal_replay_pause()`)
	d.must(err)
	for paused := false; !paused; {
		d.must(there.QueryRow(t.Context(), `SELECT pg_get_wal_replay_pause_state() = 'paused' FROM pg_sleep(0.005)`).Scan(&paused))
	}
	join("Zakaria Two")
	if _, others = sees("Zakaria Two", "Zakaria One"); !slices.Contains(others, "OwnerSearch") {
		t.Errorf("the primary was asked %v", others)
	}
	_, err = there.Exec(t.Context(), `SELECT pg_wal_replay_resume()`)
	d.must(err)
	caughtUp()
	if replica, _ = sees("Zakaria Two", "Zakaria One"); !slices.Contains(replica, "OwnerSearch") {
		t.Errorf("the replica was asked %v", replica)
	}
}
