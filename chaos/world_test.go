package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded"
	"vetalyze/internal/reference"
	"vetalyze/internal/simulator"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
	"vetalyze/migrations"
)

const (
	token    = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	patience = 2 * time.Minute // with what must happen in the end
)

// A world is everything that a bot lives between, each thing behind a link of its own: PostgreSQL that syncs
// what it commits, Redis that forgets when it stops, Telegram with its limits, and staff of several clinics.
type world struct {
	t      *testing.T
	random *rand.Rand
	disk   *disk

	postgres  *embedded.Postgres
	redis     *embedded.RedisServer
	sim       *simulator.Simulator
	instances []*instance

	toPostgres, toRedis, toTelegram, toBot *link

	recorder *recorder
	ledger   *ledger
	people   []*person
}

// A shape says how large a world is and how the bot runs in it.
type shape struct {
	webhook bool // two instances behind a balancer; else one that polls
	clinics int
	seed    uint64
	restart time.Duration
	disk    bool // a small one, which can be filled
}

func newWorld(t *testing.T, s shape) *world {
	t.Helper()
	w := &world{t: t, random: rand.New(rand.NewPCG(s.seed, 0x22)), disk: newDisk(t, s.disk)}
	w.openStores(s.seed)
	w.openTelegram(s.seed)
	w.recorder = newRecorder(w.sim)
	w.ledger = newLedger(w.recorder)
	ctx, stop := context.WithCancel(context.Background())
	recorded := make(chan struct{})
	go func() { defer close(recorded); w.recorder.run(ctx) }()
	t.Cleanup(func() { stop(); <-recorded })
	w.settle(s)
	w.people[0].starts() // the admin, who has a digest coming: it finds nobody who has never been here
	w.startBot(s)
	return w
}

func (w *world) openStores(seed uint64) {
	w.t.Helper()
	var err error
	w.postgres, err = embedded.PostgreSQL(w.t.Context(), embedded.Config{Dir: w.disk.dir})
	must(w.t, err)
	w.t.Cleanup(func() {
		if err := w.postgres.Stop(); err != nil {
			w.t.Error(err)
		}
	})
	must(w.t, migrations.Up(w.t.Context(), w.postgres.URL()))
	w.redis, err = embedded.Redis(w.t.Context(), embedded.Config{})
	must(w.t, err)
	w.t.Cleanup(func() { _ = w.redis.Stop() })
	w.toPostgres = newLink(w.t, seed, to(wayTo(w.t, w.postgres.URL())))
	address, err := url.Parse(w.redis.URL())
	must(w.t, err)
	w.toRedis = newLink(w.t, seed+1, to("tcp", address.Host))
}

// wayTo is where a PostgreSQL listens, on a Unix socket or not.
func wayTo(t *testing.T, address string) (network, at string) {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	must(t, err)
	if config.Host[0] == '/' {
		return "unix", fmt.Sprintf("%s/.s.PGSQL.%d", config.Host, config.Port)
	}
	return "tcp", net.JoinHostPort(config.Host, fmt.Sprint(config.Port))
}

// through is an address with the link's in place of the host.
func through(t *testing.T, l *link, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	u.Host = l.address()
	if u.Scheme == "postgres" {
		u.RawQuery = "sslmode=disable"
	}
	return u.String()
}

func (w *world) openTelegram(seed uint64) {
	w.t.Helper()
	w.sim = simulator.New(simulator.Config{
		Token: token, BotName: "Vetalyze", BotUsername: "vetalyze_bot", Clock: clock.System(), Seed: seed,
		Webhook: simulator.WebhookConfig{AllowLocal: true},
	})
	w.t.Cleanup(w.sim.Close)
	api := httptest.NewServer(w.sim.Handler())
	w.t.Cleanup(func() {
		w.sim.Close() // ends what waits there
		api.Close()
	})
	w.toTelegram = newLink(w.t, seed+2, to("tcp", api.Listener.Addr().String()))
	w.toBot = newLink(w.t, seed+3)
}

// settle has the clinics and their staff, each with a phone, and an admin.
func (w *world) settle(s shape) {
	w.t.Helper()
	ctx := w.t.Context()
	database, err := db.Open(ctx, w.postgres.URL())
	must(w.t, err)
	defer database.Close()
	const adminID = 1
	team := staff.New(database, clock.System())
	must(w.t, team.EnsureAdmins(ctx, adminID))
	admin, err := team.Find(ctx, adminID, "en")
	must(w.t, err)
	w.join(simulator.Person{ID: adminID, FirstName: "Nadia"}, 0, "Vetalyze", "")
	planID, err := reference.New(database, nil, clock.System()).AddPlan(ctx, admin, db.NewKey(), reference.Plan{
		NameEN: "Yearly", NameAR: "سنوي", DurationDays: 365, Accounts: 5, PriceMinor: 500000, Currency: "EGP", GraceDays: 7,
	})
	must(w.t, err)
	for n := range s.clinics {
		w.settleClinic(ctx, database, team, admin, planID, n)
	}
}

// marks stand in the names of each clinic's owners, and nowhere else.
var marks = []string{"Ambra", "Bruno", "Celia", "Dorian", "Elvira", "Fausto"}

func (w *world) settleClinic(ctx context.Context, database *db.DB, team *staff.Staff, admin staff.Speaker, planID, n int) {
	w.t.Helper()
	name := fmt.Sprintf("Clinic Nr%d", n+1)
	phone := func(who int) string { return fmt.Sprintf("+2011%04d%04d", n+1, who) }
	invite, err := team.CreateClinic(ctx, admin, staff.NewClinic{
		Key: db.NewKey(), Country: "EG", Name: name, OwnerName: "Mona", OwnerPhone: phone(0),
	})
	must(w.t, err)
	_, err = subscription.New(database, clock.System()).Create(ctx, admin, subscription.Sale{
		Key: db.NewKey(), ClinicID: invite.ClinicID, PlanID: planID, MethodID: 1,
	})
	must(w.t, err)
	id := int64(100 * (n + 1))
	mona, err := team.Join(ctx, staff.Joining{TelegramID: id, Language: "en", Token: invite.Token, Phone: phone(0)})
	must(w.t, err)
	w.join(simulator.Person{ID: id, FirstName: "Mona"}, invite.ClinicID, name, marks[n])
	for who := 1; who <= 3; who++ {
		invited, err := team.Invite(ctx, *mona.Member, staff.Invitation{
			Key: db.NewKey(), Role: staff.RoleReceptionist, Name: fmt.Sprintf("Sara %d", who), Phone: phone(who),
		})
		must(w.t, err)
		_, err = team.Join(ctx, staff.Joining{TelegramID: id + int64(who), Language: "en", Token: invited, Phone: phone(who)})
		must(w.t, err)
		w.join(simulator.Person{ID: id + int64(who), FirstName: "Sara"}, invite.ClinicID, name, marks[n])
	}
}

func (w *world) join(who simulator.Person, clinic int64, place, mark string) {
	who.LanguageCode = "en"
	w.people = append(w.people, &person{
		Person: w.sim.AddPerson(who), clinic: clinic, place: place, mark: mark, ledger: w.ledger,
		random: rand.New(rand.NewPCG(w.random.Uint64(), uint64(who.ID))),
	})
}

// startBot starts the instances, which are kept going until the test ends.
func (w *world) startBot(s shape) {
	w.t.Helper()
	path, err := program()
	must(w.t, err)
	count := 1
	env := append(os.Environ(),
		"TELEGRAM_TOKEN="+token, "TELEGRAM_API_URL=http://"+w.toTelegram.address(), "LISTEN=127.0.0.1:0",
		"DATABASE_URL="+through(w.t, w.toPostgres, w.postgres.URL()), "REDIS_URL="+through(w.t, w.toRedis, w.redis.URL()))
	if s.webhook {
		count = 2
		env = append(env, "PUBLIC_URL=http://"+w.toBot.address())
	}
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	for range count {
		w.instances = append(w.instances, &instance{path: path, env: env, moved: w.balance, restart: s.restart})
	}
	for _, one := range w.instances {
		ended.Go(func() { one.run(ctx) })
	}
	w.t.Cleanup(func() { stop(); ended.Wait() })
	w.awaitBot()
}

// awaitBot returns when all instances listen.
func (w *world) awaitBot() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for _, one := range w.instances {
		for one.listensAt() == "" {
			if err := wait(ctx, 20*time.Millisecond); err != nil {
				w.t.Fatal("an instance does not start")
			}
		}
	}
}

// balance lets the balancer know where the instances listen now.
func (w *world) balance() {
	var ways []func() (net.Conn, error)
	for _, one := range w.instances {
		if address := one.listensAt(); address != "" {
			ways = append(ways, to("tcp", address))
		}
	}
	w.toBot.leadTo(ways...)
}

// rows reads what the database holds, as the superuser, who sees every clinic.
func (w *world) rows(ctx context.Context, e *evidence) error {
	conn, err := pgx.Connect(ctx, w.postgres.URL())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, _ := conn.Query(ctx, `
		SELECT clinic_id, full_name, phone,
			array(SELECT name FROM pets WHERE (clinic_id, owner_id) = (o.clinic_id, o.owner_id) ORDER BY pet_id),
			coalesce(note, ''),
			(SELECT count(*) FROM changes WHERE (clinic_id, owner_id, field) = (o.clinic_id, o.owner_id, 'note'))
		FROM owners AS o`)
	e.owners, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o owner, err error) {
		return o, row.Scan(&o.clinic, &o.name, &o.phone, &o.pets, &o.note, &o.noted)
	})
	if err != nil {
		return err
	}
	rows, _ = conn.Query(ctx, "SELECT telegram_id FROM dialogs WHERE form <> '' ORDER BY telegram_id")
	if e.open, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
		return err
	}
	rows, _ = conn.Query(ctx, "SELECT telegram_id, kind, state FROM notifications WHERE next_attempt_at < now() - interval '10 s'")
	e.notifications, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (n notification, err error) {
		return n, row.Scan(&n.person, &n.kind, &n.state)
	})
	return err
}
