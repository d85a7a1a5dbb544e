package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"vetalyze/bot"
	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/reference"
	"vetalyze/internal/reminder"
	"vetalyze/internal/simulator"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
	"vetalyze/internal/telegram"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// patience bounds every wait; nothing takes nearly as long.
const patience = 30 * time.Second

// A stage is the whole house with its cast: a database of the test's own, the
// simulator with people in front of it, and the bot between them.
type stage struct {
	clock     *clock.Clock
	db        *db.DB
	redis     redis.UniversalClient // nil: none
	sim       *simulator.Simulator
	staff     *staff.Staff
	reminders *reminder.Reminders
	people    map[string]*simulator.Person
	log       *slog.Logger
	front     *bot.Bot // the one that was started last
	stop      func()
	remind    func(t *testing.T) // sends what is due
}

// castMember is somebody who is there when the curtain rises.
type castMember struct {
	name, language, phone string
	clinic                string // empty: comes to nobody's clinic
	role                  staff.Role
}

// The cast. Nadia runs the platform. Happy Paws speaks English, الرفق Arabic. Omar
// and كريم have not come in yet; Sara2 is a new account of Sara's, سلمى٢ one of سلمى's.
var cast = []castMember{
	{name: "Nadia", language: "en", phone: "+201001110000", role: staff.RoleAdmin},
	{name: "Mona", language: "en", phone: "+201001110001", clinic: "Happy Paws", role: staff.RoleClinicOwner},
	{name: "Sara", language: "en", phone: "+201001110002", clinic: "Happy Paws", role: staff.RoleReceptionist},
	{name: "هدى", language: "ar", phone: "+201001110004", clinic: "عيادة الرفق", role: staff.RoleClinicOwner},
	{name: "سلمى", language: "ar", phone: "+201001110005", clinic: "عيادة الرفق", role: staff.RoleReceptionist},
	{name: "Omar", language: "en", phone: "+201001110003"},
	{name: "كريم", language: "ar", phone: "+201001110006"},
	{name: "Sara2", language: "en", phone: "+201001110002"},
	{name: "سلمى٢", language: "ar", phone: "+201001110005"},
}

// newStage raises the curtain on a Sunday morning in Cairo.
func newStage(t *testing.T) *stage {
	t.Helper()
	return newStageOn(t, pgtest.New(t), nil)
}

// newStageOn raises it on a database and, perhaps, a Redis that the test plays with.
func newStageOn(t *testing.T, database *db.DB, cache redis.UniversalClient) *stage {
	t.Helper()
	return raise(t, database, cache, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// newStageWith raises it with a log that the test reads.
func newStageWith(t *testing.T, log *slog.Logger) *stage {
	t.Helper()
	return raise(t, pgtest.New(t), nil, log)
}

func raise(t testing.TB, database *db.DB, cache redis.UniversalClient, log *slog.Logger) *stage {
	t.Helper()
	if cache == nil { // with one and with announcements, as it is run: what is remembered counts
		cache = privateRedis(t)
		pgtest.Hear(t, database)
	}
	now := clock.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	sim := simulator.New(simulator.Config{
		Token: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", BotName: "Vetalyze", BotUsername: "vetalyze_bot",
		Clock: now, Limits: simulator.Limits{Off: true},
	})
	t.Cleanup(sim.Close)
	s := &stage{clock: now, db: database, redis: cache, sim: sim, staff: staff.New(database, now), people: map[string]*simulator.Person{}, log: log}
	s.assemble(t)
	s.start(t)
	t.Cleanup(func() { s.stop() })
	for _, member := range cast {
		if member.role != "" {
			s.people[member.name].Start("")
		}
	}
	s.settle(t)
	return s
}

func privateRedis(t testing.TB) redis.UniversalClient {
	t.Helper()
	server, err := embedded.Redis(t.Context(), embedded.Config{})
	must(t, err)
	t.Cleanup(func() { must(t, server.Stop()) })
	options, err := redis.ParseURL(server.URL())
	must(t, err)
	options.Protocol = 2
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// assemble brings the cast in by the ways the staff package has.
func (s *stage) assemble(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	owners := map[string]staff.Speaker{}
	var admin staff.Speaker
	for i, member := range cast {
		id := int64(1001 + i)
		s.people[member.name] = s.sim.AddPerson(simulator.Person{
			ID: id, FirstName: member.name, LanguageCode: member.language, Phone: member.phone,
		})
		var err error
		switch member.role {
		case "":
		case staff.RoleAdmin:
			must(t, s.staff.EnsureAdmins(ctx, id))
			admin, err = s.staff.Find(ctx, id, member.language)
			must(t, err)
		case staff.RoleClinicOwner:
			invite, err := s.staff.CreateClinic(ctx, admin, staff.NewClinic{
				Key: db.NewKey(), Country: "EG", Name: member.clinic, OwnerName: member.name, OwnerPhone: member.phone,
			})
			must(t, err)
			s.sell(t, admin, invite.ClinicID)
			owners[member.clinic], err = s.staff.Join(ctx, staff.Joining{
				TelegramID: id, Language: member.language, Token: invite.Token, Phone: member.phone,
			})
			must(t, err)
		default:
			token, err := s.staff.Invite(ctx, *owners[member.clinic].Member, staff.Invitation{
				Key: db.NewKey(), Role: member.role, Name: member.name, Phone: member.phone,
			})
			must(t, err)
			_, err = s.staff.Join(ctx, staff.Joining{
				TelegramID: id, Language: member.language, Token: token, Phone: member.phone,
			})
			must(t, err)
		}
	}
}

// sell gives a clinic a year, begun today.
func (s *stage) sell(t testing.TB, admin staff.Speaker, clinicID int64) {
	t.Helper()
	lists := reference.New(s.db, nil, s.clock)
	plans, err := lists.Plans(t.Context())
	must(t, err)
	if len(plans) == 0 {
		_, err = lists.AddPlan(t.Context(), admin, db.NewKey(), reference.Plan{
			NameEN: "Yearly", NameAR: "سنوي", DurationDays: 365, Accounts: 5, PriceMinor: 500000, Currency: "EGP", GraceDays: 7,
		})
		must(t, err)
		plans, err = lists.Plans(t.Context())
		must(t, err)
	}
	_, err = subscription.New(s.db, s.clock).Create(t.Context(), admin, subscription.Sale{
		Key: db.NewKey(), ClinicID: clinicID, PlanID: plans[0].ID, MethodID: 1,
	})
	must(t, err)
}

// register has a clinic register so many owners of one name, each with a dog, as
// an import would.
func (s *stage) register(t *testing.T, clinic string, count int, name string) {
	t.Helper()
	for i := range count {
		_, err := s.member(t, clinic).Scope(s.db).Exec(t.Context(), `
			WITH owner AS (
				INSERT INTO owners (clinic_id, full_name, phone, registered_at)
				VALUES (app_clinic(), $1, $2, $3)
				RETURNING clinic_id, owner_id
			)
			INSERT INTO pets (clinic_id, owner_id, name, species_id)
			SELECT clinic_id, owner_id, 'Rex', 1
			FROM owner`, name, fmt.Sprintf("+2010055501%02d", i+1), s.clock.Now())
		must(t, err)
	}
}

// member is somebody who works at a clinic.
func (s *stage) member(t testing.TB, clinic string) staff.Member {
	t.Helper()
	for i, one := range cast {
		if one.clinic != clinic {
			continue
		}
		speaker, err := s.staff.Find(t.Context(), int64(1001+i), one.language)
		must(t, err)
		return *speaker.Member
	}
	t.Fatalf("there is no clinic %q", clinic)
	return staff.Member{}
}

// start lets the bot in; it polls until stop.
func (s *stage) start(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	api, chatBot := s.bot(ctx, t)
	s.front = chatBot
	intake := telegram.NewIntake(telegram.IntakeConfig{
		Client: api, Handler: chatBot.Handle, Apologize: chatBot.Apologize, OnUnavailable: chatBot.Unavailable,
		Redis: s.redis, Logger: s.log,
	})
	done := make(chan error, 1)
	go func() { done <- intake.Poll(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the bot stopped with %v", err)
		}
		s.stop = func() {}
	}
}

// bot is one to which nothing is brought yet.
func (s *stage) bot(ctx context.Context, t testing.TB) (*telegram.Client, *bot.Bot) {
	t.Helper()
	api, err := telegram.NewClient(ctx, telegram.ClientConfig{
		Token: s.sim.Token(), APIURL: "http://simulator", HTTP: s.sim.Client(), Redis: s.redis, Logger: s.log,
		Limits: telegram.Limits{PerSecond: 1e6, Burst: 1e6, ChatEvery: time.Microsecond, ChatBurst: 1e6},
	})
	must(t, err)
	cairo, err := time.LoadLocation("Africa/Cairo")
	must(t, err)
	// One letter after the other, so that a transcript has one order.
	s.reminders = reminder.New(reminder.Config{DB: s.db, Clock: s.clock, Zone: cairo, Logger: s.log, Senders: 1})
	chatBot, err := bot.New(bot.Config{
		API: api, DB: s.db, Staff: s.staff, Reference: reference.New(s.db, s.redis, s.clock),
		Reminders: s.reminders, Clock: s.clock, Zone: cairo, Logger: s.log,
	})
	must(t, err)
	s.remind = func(t *testing.T) {
		t.Helper()
		must(t, s.reminders.Plan(t.Context()))
		must(t, s.reminders.Deliver(t.Context(), chatBot.Post()))
	}
	return api, chatBot
}

// restart stops the bot and lets a new one in, which remembers nothing but what
// is in the database.
func (s *stage) restart(t *testing.T) {
	t.Helper()
	s.stop()
	s.start(t)
}

// settle waits until the bot has handled everything that was done.
func (s *stage) settle(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.sim.Settled(ctx); err != nil {
		t.Fatalf("the bot has not come to rest: %v", err)
	}
}

// keepOldMessages has Telegram refuse what it refuses two days after a message
// was sent: to remove it, and here to take its buttons off as well.
func (s *stage) keepOldMessages() {
	refused := simulator.Refuse{Code: 400, Description: "Bad Request: message can't be deleted for everyone"}
	s.sim.Fail(simulator.Fault{Method: "deleteMessage", Kind: refused})
	s.sim.Fail(simulator.Fault{Method: "editMessageReplyMarkup", Kind: refused, Times: 1})
}

func (s *stage) person(t testing.TB, name string) *simulator.Person {
	t.Helper()
	person, ok := s.people[name]
	if !ok {
		t.Fatalf("nobody here is called %q", name)
	}
	return person
}

func (s *stage) nameOf(id int64) string { return s.sim.Person(id).FirstName }

func (s *stage) lastEvent() int64 {
	_, last, _, _ := s.sim.Events(0)
	return last
}

func (s *stage) eventsSince(t *testing.T, since int64) []simulator.Event {
	t.Helper()
	events, last, whole, _ := s.sim.Events(since)
	if !whole && last != since {
		t.Fatal("too much happened at once to be written down")
	}
	return events
}

func (s *stage) commandsOf(id int64) string {
	var names []string
	for _, command := range s.sim.Person(id).Commands() {
		names = append(names, fmt.Sprintf("/%s", command.Command))
	}
	return strings.Join(names, " ")
}

// count adds up what each of the two clinics sees.
func (s *stage) count(t *testing.T, query string) (n int) {
	t.Helper()
	for clinicID := int64(1); clinicID <= 2; clinicID++ {
		var here int
		must(t, s.db.Clinic(clinicID).QueryRow(t.Context(), query).Scan(&here))
		n += here
	}
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
