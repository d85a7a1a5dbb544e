package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reference"
	"vetalyze/internal/simulator"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// asVetalyze makes this test binary be the program itself, so that tests can
// start it as a process and kill it.
const asVetalyze = "VETALYZE_TEST_RUN_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asVetalyze) != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(pgtest.Main(m))
}

const patience = time.Minute

// TestKilledBetweenAllSteps kills the bot with -9 again and again while an owner
// is registered: after each step is answered, and while it is being handled. In
// the end there is one owner, and the receptionist has seen the dialog go on.
func TestKilledBetweenAllSteps(t *testing.T) {
	t.Parallel()
	for _, intake := range []string{"polling", "webhook"} {
		for _, moment := range []string{"between steps", "within steps"} {
			t.Run(intake+" "+moment, func(t *testing.T) {
				t.Parallel()
				testKilled(t, intake == "webhook", moment == "within steps")
			})
		}
	}
}

func testKilled(t *testing.T, webhook, within bool) {
	p := newProgram(t, webhook)
	p.start()
	receptionist := p.receptionist()
	steps := []func(){
		func() { receptionist.Start("") },
		func() { receptionist.Send("/register") },
		func() { receptionist.Send("Ahmed Ali") },
		func() { receptionist.Send("0100 123 4567") },
		func() { receptionist.Send("Rex dog 2y") },
		func() { p.tap(receptionist, "➕ Another pet") },
		func() { receptionist.Send("Mimi") },
		func() { p.tap(receptionist, "🐱 Cat") },
		func() { p.tap(receptionist, "Nobody knows") },
		func() { p.tap(receptionist, "✅ Save") },
	}
	for _, step := range steps {
		step()
		if within {
			p.kill()
			p.start()
			p.settle()
		} else {
			p.settle()
			p.kill()
			p.start()
		}
	}
	p.settle()

	if got := p.count("SELECT count(*) FROM owners"); got != 1 {
		t.Errorf("%d owners were registered, want 1", got)
	}
	if got := p.count("SELECT count(*) FROM pets"); got != 2 {
		t.Errorf("%d pets were registered, want 2", got)
	}
	last, _ := receptionist.Last()
	for _, want := range []string{"Registered", "Ahmed Ali", "Rex", "Mimi"} {
		if !strings.Contains(last.Text, want) {
			t.Errorf("the receptionist's last message lacks %q:\n%s", want, last.Text)
		}
	}
}

// A program is vetalyze as a process of its own, between a simulator and a
// database that outlive it.
type program struct {
	t       *testing.T
	sim     *simulator.Simulator
	url     string // of the database
	address string // where it listens
	env     []string
	command *exec.Cmd
}

func newProgram(t *testing.T, webhook bool) *program {
	t.Helper()
	p := newProgramAt(t, pgtest.URL(t), simulator.WebhookConfig{AllowLocal: true})
	if webhook {
		p.env = append(p.env, "PUBLIC_URL=http://"+p.address)
	}
	return p
}

// newProgramAt is a program on the database at url, polling until PUBLIC_URL is set.
func newProgramAt(t *testing.T, url string, hooks simulator.WebhookConfig) *program {
	t.Helper()
	sim := simulator.New(simulator.Config{
		Token: demoToken, BotName: "Vetalyze", BotUsername: "vetalyze_bot", Clock: clock.System(),
		Limits:  simulator.Limits{Off: true},
		Webhook: hooks,
	})
	t.Cleanup(sim.Close)
	api := httptest.NewServer(sim.Handler())
	t.Cleanup(api.Close)
	p := &program{t: t, sim: sim, url: url, address: freeAddress(t)}
	p.env = append(os.Environ(), asVetalyze+"=1",
		"TELEGRAM_TOKEN="+demoToken, "TELEGRAM_API_URL="+api.URL, "DATABASE_URL="+p.url, "LISTEN="+p.address)
	t.Cleanup(p.kill)
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func (p *program) start() {
	p.t.Helper()
	p.command = exec.Command(os.Args[0], "serve")
	p.command.Env = p.env
	p.command.Stderr = p.t.Output()
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// awaitReady returns when updates can be handled.
func (p *program) awaitReady() {
	client := listener{Listen: p.address}.client()
	defer client.CloseIdleConnections()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(patience); ; <-look.C {
		if answer, err := client.Get("http://bot/readyz"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			p.t.Error("the instance does not become ready")
			return
		}
	}
}

// kill ends the process at once, as kill -9 does.
func (p *program) kill() {
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill() // it may have ended by itself
	_ = p.command.Wait()
	p.command = nil
}

// stop ends the process as a service manager does, and waits for it.
func (p *program) stop() {
	p.t.Helper()
	p.must(p.end())
}

// end is stop for those who are not the test's own goroutine.
func (p *program) end() error {
	command := p.command
	p.command = nil
	return errors.Join(command.Process.Signal(syscall.SIGTERM), command.Wait())
}

func (p *program) settle() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	if err := p.sim.Settled(ctx); err != nil {
		p.t.Fatalf("the bot has not come to rest: %v", err)
	}
}

func (p *program) tap(person *simulator.Person, label string) {
	p.t.Helper()
	if err := person.Tap(label); err != nil {
		last, _ := person.Last()
		p.t.Fatalf("tap [%s]: %v; the last message is:\n%s", label, err, last.Text)
	}
}

// receptionist is somebody who works at a clinic already.
func (p *program) receptionist() *simulator.Person {
	p.t.Helper()
	ctx := p.t.Context()
	database, err := db.Open(ctx, p.url)
	p.must(err)
	defer database.Close()
	people := staff.New(database, clock.System())
	p.must(people.EnsureAdmins(ctx, 1))
	admin, err := people.Find(ctx, 1, "en")
	p.must(err)
	invite, err := people.CreateClinic(ctx, admin, staff.NewClinic{
		Key: db.NewKey(), Country: "EG", Name: "Happy Paws", OwnerName: "Mona", OwnerPhone: "+201001110001",
	})
	p.must(err)
	planID, err := reference.New(database, nil, clock.System()).AddPlan(ctx, admin, db.NewKey(), reference.Plan{
		NameEN: "Yearly", NameAR: "سنوي", DurationDays: 365, Accounts: 5, PriceMinor: 500000, Currency: "EGP", GraceDays: 7,
	})
	p.must(err)
	_, err = subscription.New(database, clock.System()).Create(ctx, admin, subscription.Sale{
		Key: db.NewKey(), ClinicID: invite.ClinicID, PlanID: planID, MethodID: 1,
	})
	p.must(err)
	owner, err := people.Join(ctx, staff.Joining{TelegramID: 2, Language: "en", Token: invite.Token, Phone: "+201001110001"})
	p.must(err)
	token, err := people.Invite(ctx, *owner.Member, staff.Invitation{
		Key: db.NewKey(), Role: staff.RoleReceptionist, Name: "Sara", Phone: "+201001110002",
	})
	p.must(err)
	_, err = people.Join(ctx, staff.Joining{TelegramID: 3, Language: "en", Token: token, Phone: "+201001110002"})
	p.must(err)
	return p.sim.AddPerson(simulator.Person{ID: 3, FirstName: "Sara", LanguageCode: "en", Phone: "+201001110002"})
}

// count runs a counting query as the superuser, who sees every clinic.
func (p *program) count(query string) (n int) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.url)
	p.must(err)
	defer conn.Close(context.Background())
	p.must(conn.QueryRow(p.t.Context(), query).Scan(&n))
	return n
}

func (p *program) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}
