package db_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
)

// TestReplica has a primary and a standby for all its parts, one after the other; each has a database of its own there.
func TestReplica(t *testing.T) {
	t.Parallel()
	primary, standby := pgtest.Replicated(t)
	for i, part := range []struct {
		name string
		test func(*testing.T, *pair)
	}{
		{"lists are read there", testListsAreRead},
		{"own writes are listed whatever the lag", testOwnWrites},
		{"lists agree with their writers whatever happens", testAgreement},
		{"own writes are listed under load", testLoad},
		{"one far behind is left alone", testFarBehind},
		{"one that is down is left alone", testDown},
		{"a conflict with what it replays", testConflict},
		{"a promoted one is none", testPromoted}, // the last: it follows no more
	} {
		t.Run(part.name, func(t *testing.T) {
			part.test(t, newPair(t, primary, standby, fmt.Sprintf("house_%d", i)))
		})
	}
}

func testListsAreRead(t *testing.T, p *pair) {
	register(t, p.db, ours, "Mona")
	p.catchUp(t)
	for range 2 { // the first time connects and prepares
		ctx, trips := db.Watch(t.Context())
		same(t, "our owners", owners(ctx, t, p.db, ours), "Mona", "Ahmed")
		same(t, "their owners", owners(t.Context(), t, p.db, theirs), "Ahmed")
		same(t, "clinics", clinics(t.Context(), t, p.db), "Clinic", "Clinic")
		var got []string
		for _, query := range trips.Queries() {
			if query.Names[0] != "select" && query.Names[0] != "set" { // of connecting
				got = append(got, fmt.Sprintf("%t%v", query.Replica, query.Names))
			}
		}
		same(t, "round trips", got, "false[ClinicEdition]", "true[ClinicEdition OwnerPage]")
	}
	if got := reads(t, p.db); got != (db.ReplicaReads{Served: 6}) {
		t.Errorf("reads: %+v, want 6 served", got)
	}
	if err := p.db.PingReplica(t.Context()); err != nil {
		t.Errorf("the replica says %v", err)
	}

	for sql, want := range map[string][]int64{
		`SELECT DISTINCT clinic_id FROM owners`:                          {ours},
		`SELECT DISTINCT clinic_id FROM pets`:                            {ours},
		`SELECT DISTINCT clinic_id FROM search_terms`:                    {ours},
		`SELECT DISTINCT clinic_id FROM owners WHERE clinic_id = 2`:      nil,
		`SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END::bigint`: {1},
	} {
		if got := column[int64](t, p.db.Clinic(ours).Listing(), sql); !slices.Equal(got, want) {
			t.Errorf("%s: sees %v, want %v", sql, got, want)
		}
	}
	var id int64
	err := p.db.Platform().Listing().QueryRow(t.Context(), `SELECT owner_id FROM owners`).Scan(&id)
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("the platform asks for owners: %v", err)
	}
	if _, err := p.there.Exec(t.Context(), `SET ROLE vetalyze_clinic; UPDATE owners SET note = ''`); err == nil {
		t.Error("the standby can be written to")
	}
}

func testOwnWrites(t *testing.T, p *pair) {
	p.lag(t)
	register(t, p.db, ours, "Mona")
	register(t, p.other, ours, "Omar")
	p.do(t, `UPDATE clinic_editions SET begun_at = begun_at + interval '1 hour'`) // so old they never get, however slow the machine
	for name, instance := range map[string]*db.DB{"here": p.db, "on another instance": p.other} {
		same(t, "what was just written, "+name, owners(t.Context(), t, instance, ours), "Omar", "Mona", "Ahmed")
		same(t, "clinics, "+name, clinics(t.Context(), t, instance), "Clinic", "Clinic")
		if got := reads(t, instance); got != (db.ReplicaReads{Served: 1, Behind: 1}) {
			t.Errorf("%s: %+v, want one list from the replica and one from the primary", name, got)
		}
	}
	ctx, trips := db.Watch(t.Context())
	owners(ctx, t, p.db, ours)
	if trips.Count() != 3 {
		t.Errorf("%d round trips, want 3: the question, the replica's list and the primary's", trips.Count())
	}

	// The platform, and what a list says of the one who asks for the second time within one update.
	if _, err := p.db.Platform().Exec(t.Context(), `UPDATE clinics SET name = 'Nile' WHERE clinic_id = 1`); err != nil {
		t.Fatal(err)
	}
	p.do(t, `UPDATE platform_edition SET begun_at = begun_at + interval '1 hour'`)
	same(t, "clinics after a change", clinics(t.Context(), t, p.other), "Clinic", "Nile")

	// What is written for no clinic waits for nobody: the other clinic's list is old, and right as of then.
	h := p.house
	h.do(t, `UPDATE owners SET full_name = 'Changed by hand' WHERE clinic_id = 2`)
	same(t, "a list from before", owners(t.Context(), t, p.db, theirs), "Ahmed")

	p.goOn(t)
	before := reads(t, p.db).Served
	same(t, "when the standby has caught up", owners(t.Context(), t, p.db, ours), "Omar", "Mona", "Ahmed")
	same(t, "their list", owners(t.Context(), t, p.db, theirs), "Changed by hand")
	same(t, "clinics", clinics(t.Context(), t, p.db), "Clinic", "Nile")
	if got := reads(t, p.db); got.Served != before+3 {
		t.Errorf("%+v, want three more than %d served", got, before)
	}
	if len(p.told) > 0 {
		t.Errorf("said of the replica: %v", <-p.told)
	}
}

func testFarBehind(t *testing.T, p *pair) {
	p.lag(t)
	register(t, p.db, ours, "Mona")
	p.do(t, `UPDATE clinic_editions SET begun_at = begun_at - interval '3 seconds'`)
	same(t, "first", owners(t.Context(), t, p.db, ours), "Mona", "Ahmed")
	if err := <-p.told; !errors.Is(err, db.ErrBehind) {
		t.Errorf("said of the replica: %v", err)
	}
	ctx, trips := db.Watch(t.Context())
	same(t, "then", owners(ctx, t, p.db, ours), "Mona", "Ahmed")
	same(t, "round trips", trips.Names(), "OwnerPage")
	p.goOn(t)
	within(t, "the replica to be used again", func() bool {
		same(t, "list", owners(t.Context(), t, p.db, ours), "Mona", "Ahmed")
		return reads(t, p.db).Served > 0
	})
	if err := <-p.told; err != nil {
		t.Errorf("said of the replica: %v", err)
	}
}

func testDown(t *testing.T, p *pair) {
	same(t, "before", owners(t.Context(), t, p.db, ours), "Ahmed")
	if err := p.standby.Stop(); err != nil {
		t.Fatal(err)
	}
	register(t, p.db, ours, "Mona")
	for range 200 {
		same(t, "without it", owners(t.Context(), t, p.db, ours), "Mona", "Ahmed")
		same(t, "clinics without it", clinics(t.Context(), t, p.db), "Clinic", "Clinic")
	}
	if err := <-p.told; !db.Unavailable(err) {
		t.Errorf("said of the replica: %v", err)
	}
	if got := reads(t, p.db); got.Failed > 10 || got.Resting < 390 {
		t.Errorf("a replica that is down is asked again and again: %+v", got)
	}
	if err := p.db.PingReplica(t.Context()); err == nil {
		t.Error("the replica is said to answer")
	}
	late, err := db.Open(t.Context(), p.url, db.Replica(inDatabase(p.standby.URL(), "house_5"), nil)) // a bot that starts meanwhile
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	same(t, "in the other bot", owners(t.Context(), t, late, ours), "Mona", "Ahmed")

	if err := p.standby.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, instance := range []*db.DB{p.db, late} {
		served := reads(t, instance).Served
		within(t, "the replica to be used again", func() bool {
			same(t, "again", owners(t.Context(), t, instance, ours), "Mona", "Ahmed")
			return reads(t, instance).Served > served
		})
	}
	if err := <-p.told; err != nil || len(p.told) > 0 {
		t.Errorf("said of the replica: %v, and %d times more", err, len(p.told))
	}
}

func testConflict(t *testing.T, p *pair) {
	p.thereDo(t, `ALTER SYSTEM SET max_standby_streaming_delay = 0`)
	p.thereDo(t, `SELECT pg_reload_conf()`)
	owners(t.Context(), t, p.db, ours)

	// On the standby the list takes long, and cannot wait for what locks its table.
	const slow = `SELECT full_name FROM owners, LATERAL (SELECT CASE WHEN pg_is_in_recovery() THEN pg_sleep(60) END) AS s`
	listed := make(chan []string, 1)
	go func() {
		var names []string
		rows, err := p.db.Clinic(ours).Listing().Query(t.Context(), slow)
		if err != nil {
			t.Error(err)
		} else {
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					t.Error(err)
				}
				names = append(names, name)
			}
			if err := rows.Err(); err != nil {
				t.Error(err)
			}
		}
		listed <- names
	}()
	within(t, "the list to be under way", func() bool {
		return column[bool](t, p.there, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%LATERAL (SELECT CASE%' AND pid <> pg_backend_pid())`)[0]
	})
	p.do(t, `ALTER TABLE owners ADD COLUMN later int`)
	same(t, "the list", <-listed, "Ahmed")
	if got := reads(t, p.db); got.Failed != 1 {
		t.Errorf("%+v, want one failed", got)
	}
	p.catchUp(t)
	same(t, "afterwards", owners(t.Context(), t, p.db, ours), "Ahmed")
	if got := reads(t, p.db); got.Served != 2 || len(p.told) > 0 {
		t.Errorf("%+v and %d words of the replica: a conflict is no reason to leave it alone", got, len(p.told))
	}
}

func testPromoted(t *testing.T, p *pair) {
	owners(t.Context(), t, p.db, ours)
	p.thereDo(t, `SELECT pg_promote()`)
	register(t, p.db, ours, "Mona")
	same(t, "our owners", owners(t.Context(), t, p.db, ours), "Mona", "Ahmed")
	if err := <-p.told; !errors.Is(err, db.ErrNoReplica) {
		t.Errorf("said of it: %v", err)
	}
	promoted, err := db.Open(t.Context(), inDatabase(p.standby.URL(), "house_7")) // what failing over to it is
	if err != nil {
		t.Fatal(err)
	}
	defer promoted.Close()
	register(t, promoted, ours, "Omar")
	same(t, "its owners", owners(t.Context(), t, promoted, ours), "Omar", "Ahmed")
}

func TestOtherDatabasesAreNoReplica(t *testing.T) {
	t.Parallel()
	here := pgtest.URL(t)
	for name, address := range map[string]string{"another database": pgtest.URL(t), "the primary itself": here} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := make(chan error, 1)
			database, err := db.Open(t.Context(), here, db.Replica(address, func(err error) { told <- err }))
			if err != nil {
				t.Fatal(err)
			}
			defer database.Close()
			same(t, "clinics", clinics(t.Context(), t, database), "")
			if err := <-told; !errors.Is(err, db.ErrNoReplica) {
				t.Errorf("said of it: %v", err)
			}
			if err := database.PingReplica(t.Context()); !errors.Is(err, db.ErrNoReplica) {
				t.Errorf("asked whether it is there: %v", err)
			}
		})
	}
}

func testLoad(t *testing.T, p *pair) {
	var group sync.WaitGroup
	for _, clinic := range []int64{ours, theirs} {
		for worker := range 2 {
			group.Go(func() {
				write, read := p.db, p.other
				if worker == 1 {
					write, read = read, write
				}
				for i := range 100 {
					name := fmt.Sprintf("Owner %d of %d", i, worker)
					register(t, write, clinic, name)
					for range 2 {
						if listed := owners(t.Context(), t, read, clinic); !slices.Contains(listed, name) {
							t.Errorf("%s is not listed: %v", name, listed)
							return
						}
					}
				}
			})
		}
	}
	group.Wait()
	if got := reads(t, p.db); got.Served == 0 || got.Failed > 0 {
		t.Errorf("%+v", got)
	}
	t.Logf("%+v", reads(t, p.db))
}

func testAgreement(t *testing.T, p *pair) {
	instances := []*db.DB{p.db, p.other}
	listed := map[int64][]string{ours: {"Ahmed"}, theirs: {"Ahmed"}} // what each clinic has written, the latest first
	named := 0
	rapid.Check(t, func(r *rapid.T) {
		instance := rapid.SampledFrom(instances)
		clinic := rapid.SampledFrom([]int64{ours, theirs})
		paused := false
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			whose := clinic.Draw(r, "clinic")
			switch rapid.SampledFrom([]string{"register", "rename", "stand still", "go on"}).Draw(r, "step") {
			case "register":
				named++
				name := fmt.Sprintf("Owner %d", named)
				register(t, instance.Draw(r, "instance"), whose, name)
				listed[whose] = append([]string{name}, listed[whose]...)
			case "rename":
				named++
				name := fmt.Sprintf("Owner %d", named)
				rename(t, instance.Draw(r, "instance"), whose, name)
				listed[whose][0] = name
			case "stand still":
				if !paused {
					p.lag(t)
				}
				paused = true
			case "go on":
				if paused {
					p.goOn(t)
				}
				paused = false
			}
			whose = clinic.Draw(r, "reader's clinic")
			got := owners(t.Context(), t, instance.Draw(r, "reader's instance"), whose)
			if diff := cmp.Diff(listed[whose][:min(pageSize, len(listed[whose]))], got); diff != "" {
				r.Fatalf("clinic %d (-want +got)\n%s", whose, diff)
			}
		}
		if paused {
			p.goOn(t)
		}
	})
	if got := reads(t, p.db); got.Served == 0 || got.Behind == 0 {
		t.Errorf("%+v: not both ways were taken", got)
	}
}
