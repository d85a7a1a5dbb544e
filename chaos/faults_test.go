package chaos

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/internal/simulator"
)

// A fault is something that breaks while staff are at work.
type fault struct {
	name string
	// strike breaks it for about so long, and returns how often it struck. What it broke it has mended in the end.
	strike func(w *world, ctx context.Context, long time.Duration) (times int, err error)
	outage bool   // in the long version it lasts half a minute, not its share of the time
	only   intake // where it makes sense at all
	short  intake // where the short version has it
	// without says why it cannot be here; nil, or empty: it can.
	without func(w *world) string
}

type intake int

const (
	either intake = iota
	polling
	webhook
	never
)

func (i intake) String() string { return [...]string{"either", "polling", "webhook", "never"}[i] }

// outage is how long what the bot stands on is away in the long version, if it has ten minutes.
const outage = 30 * time.Second

// faults are all of them, in the order in which a run goes through them.
func faults() []fault {
	all := []fault{
		{name: "none", strike: calm},
		{name: "bot killed (-9)", strike: killed},
		{name: "PostgreSQL stopped", strike: postgresStopped, outage: true, short: polling},
		{name: "PostgreSQL crashes (-9)", strike: postgresCrashes, short: webhook},
		{name: "Redis stopped, emptied", strike: redisStopped, outage: true, short: webhook},
		{name: "Telegram away", strike: storm((*world).telegram, weather{down: true}), outage: true, short: webhook},
		{name: "Telegram: 429 to all", strike: refusals(simulator.TooMany{RetryAfter: 1}), short: polling},
		{name: "Telegram: 502 to all", strike: refusals(simulator.ServerError{}), short: webhook},
		{name: "Telegram: 500 to all", strike: refusals(restarting), short: polling},
	}
	for _, side := range sides {
		all = append(all,
			fault{name: side.name + " silent", strike: storm(side.link, weather{silent: true}), outage: true, only: side.only, short: never},
			fault{name: side.name + " slow", strike: slow(side.link), only: side.only, short: never},
			fault{name: side.name + " cut, not done", strike: storm(side.link, weather{cutAsk: side.chance}), only: side.only, short: side.short},
			fault{name: side.name + " cut, done", strike: storm(side.link, weather{cutAnswer: side.chance}), only: side.only, short: side.short},
		)
	}
	return append(all,
		fault{name: "full disk", strike: diskFull, without: func(w *world) string { return w.disk.reason }},
		fault{name: "several at once", strike: several},
	)
}

// restarting is what a Bot API server says while it goes down.
var restarting = simulator.Refuse{Code: http.StatusInternalServerError, Description: "Internal Server Error: restart"}

// sides are the links a bot hangs on, and how often a piece is lost on each: one in so many.
var sides = []struct {
	name   string
	link   func(*world) *link
	chance float64
	only   intake
	short  intake
}{
	{name: "PostgreSQL", link: (*world).database, chance: 0.05, short: polling},
	{name: "Redis", link: (*world).cache, chance: 0.05, short: webhook},
	{name: "Telegram", link: (*world).telegram, chance: 0.1, short: polling},
	{name: "webhook", link: (*world).front, chance: 0.2, only: webhook, short: webhook},
}

func (w *world) database() *link { return w.toPostgres }
func (w *world) cache() *link    { return w.toRedis }
func (w *world) telegram() *link { return w.toTelegram }
func (w *world) front() *link    { return w.toBot }

// wait lets so much time pass.
func wait(ctx context.Context, long time.Duration) error {
	select {
	case <-time.After(long):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func calm(_ *world, ctx context.Context, long time.Duration) (int, error) { return 0, wait(ctx, long) }

// storm sets a link's weather for a while. It strikes once, or as often as it cuts a connection: a few times at least,
// if there is anything to cut.
func storm(of func(*world) *link, bad weather) func(*world, context.Context, time.Duration) (int, error) {
	return func(w *world, ctx context.Context, long time.Duration) (times int, err error) {
		const least, most = 3, 5 * time.Second
		l := of(w)
		before := l.set(bad)
		defer func() { times = max(l.set(weather{})-before, times) }()
		if err := wait(ctx, long); err != nil || bad.cutAsk+bad.cutAnswer == 0 {
			return 1, err
		}
		for over := time.Now().Add(most); l.cut()-before < least && time.Now().Before(over); {
			if err := wait(ctx, 50*time.Millisecond); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
}

// slow has answers take a second longer.
func slow(of func(*world) *link) func(*world, context.Context, time.Duration) (int, error) {
	return storm(of, weather{delay: time.Second / 2})
}

// killed ends an instance again and again, wherever it is in its work. The pauses let it come to that.
func killed(w *world, ctx context.Context, long time.Duration) (times int, err error) {
	const least = 3
	for over := time.Now().Add(long); times < least || time.Now().Before(over); {
		one := w.instances[w.random.IntN(len(w.instances))]
		if one.kill() {
			times++
		}
		if err := wait(ctx, 300*time.Millisecond+time.Duration(w.random.Int64N(int64(min(2*long, 3*time.Second))))); err != nil {
			return times, err
		}
	}
	return times, nil
}

func postgresStopped(w *world, ctx context.Context, long time.Duration) (int, error) {
	if err := w.postgres.Stop(); err != nil {
		return 0, err
	}
	waited := wait(ctx, long)
	if err := w.postgres.Start(context.WithoutCancel(ctx)); err != nil {
		return 1, err
	}
	return 1, waited
}

// postgresCrashes kills the process behind one of the bot's connections, again and again: PostgreSQL then throws
// all of them out, and recovers from its log.
func postgresCrashes(w *world, ctx context.Context, long time.Duration) (times int, err error) {
	for over := time.Now().Add(long); time.Now().Before(over); {
		if err := w.crashPostgres(ctx); err != nil {
			return times, err
		}
		times++
		if err := wait(ctx, 2*time.Second); err != nil {
			return times, err
		}
	}
	return times, nil
}

func (w *world) crashPostgres(ctx context.Context) error {
	var pid int
	err := w.eventually(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid)
	}, func() {
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill()
		}
	})
	return err
}

// eventually asks PostgreSQL as soon as it answers, and does something before it lets go of the connection.
func (w *world) eventually(ctx context.Context, ask func(context.Context, *pgx.Conn) error, then func()) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := func() error {
			conn, err := pgx.Connect(ctx, w.postgres.URL())
			if err != nil {
				return err
			}
			defer conn.Close(context.WithoutCancel(ctx))
			if err := ask(ctx, conn); err != nil {
				return err
			}
			then()
			return nil
		}()
		if err == nil {
			return nil
		}
		if wait(ctx, 50*time.Millisecond) != nil {
			return fmt.Errorf("PostgreSQL does not come back: %w", err)
		}
	}
}

func redisStopped(w *world, ctx context.Context, long time.Duration) (int, error) {
	if err := w.redis.Stop(); err != nil {
		return 0, err
	}
	waited := wait(ctx, long)
	if err := w.redis.Start(); err != nil {
		return 1, err
	}
	return 1, waited
}

// refusals has Telegram answer every call so.
func refusals(kind simulator.FaultKind) func(*world, context.Context, time.Duration) (int, error) {
	return func(w *world, ctx context.Context, long time.Duration) (int, error) {
		started := time.Now()
		lift := w.sim.Fail(simulator.Fault{Kind: kind, Times: -1})
		liftPolls := w.sim.Fail(simulator.Fault{Method: "getUpdates", Kind: kind, Times: -1})
		err := wait(ctx, long)
		lift()
		liftPolls()
		times := 0
		for _, call := range w.sim.Calls() {
			if !call.At.Before(started) && (call.Status == http.StatusTooManyRequests || call.Status >= http.StatusInternalServerError) {
				times++
			}
		}
		return times, err
	}
}

// several lets chance break links, kill instances and lose answers at the same time. Redis is left alone: an instance that
// is killed while Redis is away forgets what it had handled, which is not promised otherwise (docs/reliability.md).
func several(w *world, ctx context.Context, long time.Duration) (times int, err error) {
	links := []*link{w.toPostgres, w.toTelegram, w.toBot}
	defer func() {
		for _, l := range links {
			l.set(weather{})
		}
	}()
	for over := time.Now().Add(long); time.Now().Before(over); times++ {
		switch l := links[w.random.IntN(len(links))]; w.random.IntN(7) {
		case 0:
			l.set(weather{down: true})
		case 1:
			l.set(weather{silent: true})
		case 2:
			l.set(weather{delay: time.Second / 4, cutAsk: 0.05, cutAnswer: 0.05})
		case 3, 4:
			l.set(weather{})
		case 5:
			w.instances[w.random.IntN(len(w.instances))].kill()
		case 6:
			w.sim.Fail(simulator.Fault{Kind: simulator.DropAfter{}, Times: 1})
		}
		if err := wait(ctx, time.Duration(w.random.Int64N(int64(time.Second)))); err != nil {
			return times, err
		}
	}
	return times, nil
}

// diskFull fills the disk that PostgreSQL is on, to the last byte, and empties it again. It may end by itself
// meanwhile, as it should when it cannot write its log: whoever runs it starts it again.
func diskFull(w *world, ctx context.Context, long time.Duration) (int, error) {
	ballast, err := w.disk.fill()
	if err != nil {
		return 0, err
	}
	waited := wait(ctx, long)
	if err := os.Remove(ballast); err != nil {
		return 1, err
	}
	if err := w.postgres.Stop(); err != nil {
		return 1, err
	}
	if err := w.postgres.Start(context.WithoutCancel(ctx)); err != nil {
		return 1, err
	}
	return 1, waited
}
