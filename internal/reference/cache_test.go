package reference_test

import (
	"bufio"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reference"
)

const (
	edition   = "vetalyze:reference:edition"
	planCopy  = "vetalyze:reference:list:plans"
	longOfRun = time.Minute // longer than Redis is left alone
)

// withRedis runs the test on the in-process Redis, and on a real one where there is one.
func withRedis(t *testing.T, test func(t *testing.T, options redis.Options)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		test(t, redis.Options{Addr: miniredis.RunT(t).Addr()})
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		binary, err := exec.LookPath("redis-server")
		if err != nil {
			t.Skip("no redis-server in PATH")
		}
		dir := t.TempDir()
		socket := filepath.Join(dir, "redis")
		server := exec.Command(binary, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
		out, err := server.StdoutPipe()
		must(t, err)
		must(t, server.Start())
		t.Cleanup(func() {
			_ = server.Process.Kill()
			_ = server.Wait()
		})
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.Contains(lines.Text(), "eady to accept connections") {
		}
		test(t, redis.Options{Network: "unix", Addr: socket})
	})
}

// bots are two instances over one database and one Redis, and a look into that Redis.
type bots struct {
	t           *testing.T
	clock       *clock.Clock
	database    *db.DB
	options     redis.Options // of every connection to that Redis
	redis       *redis.Client
	here, there *reference.Reference
}

func newBots(t *testing.T, options redis.Options) *bots {
	t.Helper()
	options.ContextTimeoutEnabled, options.MaxRetries = true, -1
	b := &bots{t: t, clock: clock.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)), database: pgtest.New(t), options: options}
	b.redis = b.connect()
	b.here, b.there = b.late(), b.late()
	return b
}

func (b *bots) connect() *redis.Client {
	client := redis.NewClient(&b.options)
	b.t.Cleanup(func() { _ = client.Close() })
	return client
}

// late is an instance that has just been started.
func (b *bots) late() *reference.Reference {
	return reference.Patient(reference.New(b.database, b.connect(), b.clock))
}

// asks reads the plans, of which there should be so many, and says how often PostgreSQL was asked.
func (b *bots) asks(r *reference.Reference, plans int) int {
	b.t.Helper()
	ctx, trips := db.Watch(b.t.Context())
	got, err := r.Plans(ctx)
	if err != nil || len(got) != plans {
		b.t.Errorf("%d plans, %v; want %d", len(got), err, plans)
	}
	return trips.Count()
}

// wants reads the plans and holds the questions to PostgreSQL to a number.
func (b *bots) wants(when string, r *reference.Reference, plans, asked int) {
	b.t.Helper()
	if got := b.asks(r, plans); got != asked {
		b.t.Errorf("%s: PostgreSQL was asked %d times, want %d", when, got, asked)
	}
}

func (b *bots) addPlan(name string) {
	b.t.Helper()
	plan := monthly()
	plan.NameEN, plan.NameAR = name, name
	_, err := b.here.AddPlan(b.t.Context(), admin, db.NewKey(), plan)
	must(b.t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCopiesThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, options redis.Options) {
		b, ctx := newBots(t, options), t.Context()
		b.wants("at first", b.here, 0, 1)
		b.wants("a copy", b.there, 0, 0)
		former, err := b.redis.Get(ctx, planCopy).Result()
		must(t, err)
		if left, err := b.redis.TTL(ctx, planCopy).Result(); err != nil || left <= 59*time.Minute || left > time.Hour {
			t.Errorf("the copy is kept for %v, %v", left, err)
		}

		b.addPlan("Monthly")
		must(t, b.redis.Set(ctx, planCopy, former, time.Hour).Err())
		b.wants("a copy that a slow reader puts down after the change", b.there, 1, 1)
		b.wants("the copy after that", b.here, 1, 0)

		must(t, b.redis.Del(ctx, edition).Err())
		must(t, b.redis.Set(ctx, planCopy, former, time.Hour).Err())
		b.wants("a copy of which nobody knows the edition", b.there, 1, 1)
		b.wants("the copy after that", b.here, 1, 0)

		must(t, b.redis.Set(ctx, planCopy, "what is this?", 0).Err())
		b.wants("a copy that cannot be read", b.here, 1, 1)
		must(t, b.redis.Del(ctx, planCopy).Err())
		must(t, b.redis.HSet(ctx, planCopy, "field", "value").Err())
		b.wants("no copy at all", b.late(), 1, 1)
		b.wants("the copy in its place", b.late(), 1, 0)

		must(t, b.redis.FlushAll(ctx).Err())
		b.wants("a Redis that was emptied", b.here, 1, 1)
		b.wants("the copy after that", b.there, 1, 0)
	})
}

// TestRedisDownAndBack changes a list while Redis is away, which comes back with the copies of before.
func TestRedisDownAndBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	b := newBots(t, redis.Options{Addr: server.Addr()})
	b.asks(b.here, 0)
	b.wants("a copy", b.there, 0, 0)
	server.Close()
	b.wants("down", b.here, 0, 1)
	b.wants("down", b.there, 0, 1)
	b.addPlan("Monthly")
	b.wants("after a change while down", b.here, 1, 1)
	must(t, server.Restart())
	b.wants("back, and still left alone", b.here, 1, 1)
	b.clock.Advance(longOfRun)
	b.wants("back, with the copy of before", b.here, 1, 1)
	b.wants("told of the change", b.there, 1, 0)
	b.wants("as ever", b.here, 1, 0)
}

// TestRedisThatDoesNotAnswer has every list wait once, and no more while Redis is left alone.
func TestRedisThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var called atomic.Int64
	var open sync.WaitGroup
	t.Cleanup(open.Wait)
	t.Cleanup(func() { _ = silent.Close() })
	open.Go(func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			called.Add(1)
			t.Cleanup(func() { _ = conn.Close() })
		}
	})
	b := newBots(t, redis.Options{Addr: silent.Addr().String()})
	b.wants("the first", b.here, 0, 1)
	waited := called.Load()
	for range 50 {
		b.wants("the next", b.here, 0, 1)
	}
	if again := called.Load() - waited; again > 0 {
		t.Errorf("asked %d times more", again)
	}
	b.clock.Advance(longOfRun)
	b.wants("after a while", b.here, 0, 1)
	if called.Load() == waited {
		t.Error("never asked again")
	}
}

// TestHerd has many ask at once for what nobody has a copy of. Each may ask PostgreSQL, for a fraction of a millisecond, once
// an hour; nobody gets half a list.
func TestHerd(t *testing.T) {
	t.Parallel()
	withRedis(t, func(t *testing.T, options redis.Options) {
		b := newBots(t, options)
		ctx, trips := db.Watch(t.Context())
		var all sync.WaitGroup
		for i := range 64 {
			r := b.here
			if i%2 == 1 {
				r = b.there
			}
			all.Go(func() {
				if species, err := r.Species(ctx); err != nil || len(species) < 10 {
					t.Errorf("%d species, %v", len(species), err)
				}
			})
		}
		all.Wait()
		if trips.Count() == 0 {
			t.Error("PostgreSQL was not asked at all")
		}
		b.clock.Advance(longOfRun) // on a busy machine one of them may have given Redis up
		_, err := b.here.Species(ctx)
		must(t, err)
		ctx, trips = db.Watch(t.Context())
		for range 64 {
			_, err := b.here.Species(ctx)
			must(t, err)
		}
		if after := trips.Count(); after > 0 {
			t.Errorf("PostgreSQL was asked %d times after that", after)
		}
	})
}

func TestOnceReadsOnce(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	ctx, trips := db.Watch(reference.Once(t.Context()))
	for range 10 {
		if plans, err := r.Plans(ctx); err != nil || len(plans) != 0 {
			t.Fatalf("%d plans, %v", len(plans), err)
		}
	}
	if trips.Count() != 1 {
		t.Errorf("PostgreSQL was asked %d times, want once", trips.Count())
	}
	if _, err := r.AddPlan(ctx, admin, db.NewKey(), monthly()); err != nil {
		t.Fatal(err)
	}
	if plans, err := r.Plans(ctx); err != nil || len(plans) != 1 {
		t.Errorf("after a change of its own: %d plans, %v", len(plans), err)
	}
}
