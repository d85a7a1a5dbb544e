package bot_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"vetalyze/internal/simulator"
)

// A tenant is one of the auditor's clinics. All that belongs to it can be told by how it looks.
type tenant struct {
	id    int64
	name  string
	words *regexp.Regexp // what its people write into owners and pets
	phone *regexp.Regexp // its owners' phones, without spaces
	marks []string       // its staff, their phones, its money: what the platform may see, too
	codes map[string]bool
}

// An auditor looks at everything the bot says and at every row of the database, after each thing that somebody does:
// nothing of a clinic may be seen or changed by anybody else. It reads as the superuser, whom no policy holds.
type auditor struct {
	s       *stage
	all     *pgxpool.Pool
	tenants []*tenant
	log     *logbook
	prints  string // the statement that takes the fingerprints

	rows   map[rowSet]string // fingerprints, as of the last look
	events int64
	calls  int
	owners map[string]map[int64]*tenant // whose an id is, by what it is an id of
	said   map[int64]string             // all that a person has typed: seeing it again is no leak
	asked  map[int64][]*tenant          // whose invitations a person has opened: they say who invites
	shown  map[string]*tenant           // every button's data, and where it was made; nil: on the platform
	routes map[string]bool              // that buttons have asked for
	tokens []string                     // of links that were shown
}

// A rowSet is the rows of a table that belong to one clinic, or to one person.
type rowSet struct {
	table  string
	clinic int64
	person int64
}

// registry are the tables that the platform has no business with; platform, those that a clinic has not.
var (
	registryTables = []string{"owners", "pets", "changes", "merges", "searches", "search_terms", "owner_counts"}
	platformTables = []string{"clinics", "subscriptions", "subscription_events", "payments"}
)

// idRoutes says where in a button's data a row is named, and of what. A route that is not here is not known to the auditor.
var idRoutes = map[string]struct {
	kind string
	part int
	base int
}{
	"owner": {"owner", 0, 10}, "pet": {"owner", 0, 10}, "addpet": {"owner", 0, 10}, "merge": {"owner", 0, 10},
	"photo": {"owner", 0, 10}, "hit": {"owner", 0, 10}, "listed": {"owner", 0, 10}, "unmerge": {"merge", 0, 10},
	"change": {"owner", 1, 10}, "history": {"owner", 1, 10}, "delete": {"owner", 1, 10}, "undo": {"owner", 1, 10},
	"staff": {"staff", 1, 10}, "clinic": {"clinic", 0, 10}, "ownerslink": {"clinic", 0, 10},
	"clinics": {"clinic", 1, 36}, "terms": {"clinic", 1, 36}, "clinicreport": {"clinic", 0, 36},

	"form": {}, "register": {}, "search": {}, "owners": {}, "find": {}, "menu": {}, "help": {}, "cancel": {}, "language": {},
	"resume": {}, "subscription": {}, "bills": {}, "renew": {}, "report": {}, "reminders": {}, "export": {}, "newclinic": {}, "expiring": {}, "changes": {}, "plans": {},
}

// newAuditor watches a stage. Whatever is done on it from then on must be done by one person at a time.
func newAuditor(t *testing.T, s *stage, databaseURL string, log *logbook, tenants ...*tenant) *auditor {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), databaseURL)
	must(t, err)
	t.Cleanup(pool.Close)
	a := &auditor{
		s: s, all: pool, tenants: tenants, log: log,
		said: map[int64]string{}, asked: map[int64][]*tenant{}, shown: map[string]*tenant{}, routes: map[string]bool{},
	}
	// Every table that has rows of a clinic or of a person, whichever there are by now.
	must(t, pool.QueryRow(t.Context(), `
		SELECT string_agg(format(
			'SELECT %L, %s::bigint, %s::bigint, count(*) || '':'' || sum(hashtextextended(x::text, 0)) FROM %I x GROUP BY 2, 3',
			table_name, CASE WHEN clinic THEN 'clinic_id' ELSE '0' END, CASE WHEN clinic THEN '0' ELSE 'telegram_id' END, table_name),
			E'\nUNION ALL ')
		FROM (
			SELECT table_name, bool_or(column_name = 'clinic_id') AS clinic
			FROM information_schema.columns
			JOIN information_schema.tables USING (table_schema, table_name)
			WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name IN ('clinic_id', 'telegram_id')
			GROUP BY table_name
		) AS tables`).Scan(&a.prints))
	a.events = s.lastEvent()
	_, a.calls = s.sim.CallsSince(0)
	a.rows = a.fingerprints(t.Context())
	a.learn(t.Context())
	return a
}

func (a *auditor) fingerprints(ctx context.Context) map[rowSet]string {
	rows, err := a.all.Query(ctx, a.prints)
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	prints := map[rowSet]string{}
	for rows.Next() {
		var set rowSet
		var print string
		if err := rows.Scan(&set.table, &set.clinic, &set.person, &print); err != nil {
			panic(err)
		}
		prints[set] = print
	}
	return prints
}

// learn reads which rows there are and whose they are.
func (a *auditor) learn(ctx context.Context) {
	a.owners = map[string]map[int64]*tenant{"owner": {}, "merge": {}, "staff": {}, "clinic": {}}
	rows, err := a.all.Query(ctx, `
		SELECT 'owner', owner_id, clinic_id, code FROM owners
		UNION ALL SELECT 'owner', pet_id, clinic_id, code FROM pets
		UNION ALL SELECT 'merge', merge_id, clinic_id, '' FROM merges
		UNION ALL SELECT 'staff', staff_id, clinic_id, '' FROM staff
		UNION ALL SELECT 'clinic', clinic_id, clinic_id, '' FROM clinics`)
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, code string
		var id, clinicID int64
		if err := rows.Scan(&kind, &id, &clinicID, &code); err != nil {
			panic(err)
		}
		for _, tenant := range a.tenants {
			if tenant.id == clinicID {
				a.owners[kind][id] = tenant
				if code != "" {
					tenant.codes[code] = true
				}
			}
		}
	}
}

// A place is what somebody is, in the database's eyes.
type place struct {
	admin   bool
	clinics []int64
}

func (p place) worksAt(t *tenant) bool { return slices.Contains(p.clinics, t.id) }

func (a *auditor) placeOf(ctx context.Context, person int64) (p place) {
	err := a.all.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM admins WHERE telegram_id = $1),
			ARRAY(SELECT clinic_id FROM staff WHERE telegram_id = $1 AND stopped_at IS NULL)`, person).Scan(&p.admin, &p.clinics)
	if err != nil {
		panic(err)
	}
	return p
}

// typed notes what a person is about to write.
func (a *auditor) typed(ctx context.Context, who *simulator.Person, text string) {
	a.said[who.ID] += "\n" + text + "\n" + squeezed(text)
	hash := sha256.Sum256([]byte(strings.TrimSpace(strings.TrimPrefix(text, "/start"))))
	var clinicID int64
	if a.all.QueryRow(ctx, "SELECT clinic_id FROM invites WHERE token_hash = $1", hash[:]).Scan(&clinicID) != nil {
		return // no invitation
	}
	for _, tenant := range a.tenants {
		if tenant.id == clinicID {
			a.asked[who.ID] = append(a.asked[who.ID], tenant)
		}
	}
}

// watch has a person do something and returns what is wrong with what came of it. Taps is how many answers are due to taps.
func (a *auditor) watch(t testing.TB, who *simulator.Person, taps int, do func()) (wrong []string) {
	t.Helper()
	ctx := context.Background()
	before := a.placeOf(ctx, who.ID)
	do()
	settled, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := a.s.sim.Settled(settled); err != nil {
		return []string{"the bot has not come to rest: " + err.Error()}
	}
	after := a.placeOf(ctx, who.ID)
	after.admin, after.clinics = after.admin || before.admin, append(after.clinics, before.clinics...)

	wrong = append(wrong, a.changes(ctx, who, after)...)
	wrong = append(wrong, a.screens(who, after)...)
	wrong = append(wrong, a.answers(taps)...)
	if text := a.log.take(); text != "" {
		wrong = append(wrong, "logged: "+text)
	}
	for i := range wrong {
		wrong[i] = who.FirstName + ": " + wrong[i]
	}
	return wrong
}

// changes finds the rows that have changed and are none of the person's business.
func (a *auditor) changes(ctx context.Context, who *simulator.Person, p place) (wrong []string) {
	now := a.fingerprints(ctx)
	learn := false
	for set := range union(a.rows, now) {
		if a.rows[set] == now[set] {
			continue
		}
		learn = true
		registry, platform := slices.Contains(registryTables, set.table), slices.Contains(platformTables, set.table)
		works := slices.Contains(p.clinics, set.clinic)
		switch {
		case set.clinic == 0 && set.person == who.ID:
		case set.clinic != 0 && works && !platform:
		case set.clinic != 0 && p.admin && !registry:
		default:
			wrong = append(wrong, fmt.Sprintf("changed %s of clinic %d, person %d", set.table, set.clinic, set.person))
		}
	}
	a.rows = now
	if learn {
		a.learn(ctx)
	}
	return wrong
}

func union(a, b map[rowSet]string) map[rowSet]bool {
	all := map[rowSet]bool{}
	for set := range a {
		all[set] = true
	}
	for set := range b {
		all[set] = true
	}
	return all
}

// screens reads what has come onto screens since the last look.
func (a *auditor) screens(who *simulator.Person, p place) (wrong []string) {
	events, last, whole, _ := a.s.sim.Events(a.events)
	if !whole && last != a.events {
		wrong = append(wrong, "too much happened at once to be looked at")
	}
	a.events = last
	for _, event := range events {
		sees := p
		if event.Person != who.ID {
			sees = a.placeOf(context.Background(), event.Person)
		}
		switch {
		case event.Type == simulator.EventToast && event.Toast != nil:
			wrong = append(wrong, a.read(event.Person, sees, event.Toast.Text)...)
		case event.Message != nil && event.Message.FromBot && !event.Message.Deleted:
			wrong = append(wrong, a.read(event.Person, sees, event.Message.Text)...)
			if file := event.Message.Document; file != nil {
				wrong = append(wrong, a.read(event.Person, sees, a.inside(file.FileID))...)
			}
			for _, row := range event.Message.InlineKeyboard {
				for _, button := range row {
					wrong = append(wrong, a.read(event.Person, sees, button.Text+"\n"+button.Data+"\n"+button.URL)...)
					wrong = append(wrong, a.button(sees, button.Data)...)
				}
			}
		}
	}
	return wrong
}

// inside is all text in a file that the bot has sent: a workbook, which is a zip of XML.
func (a *auditor) inside(fileID string) string {
	data, _, _ := a.s.sim.File(fileID)
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return string(data)
	}
	var text strings.Builder
	for _, file := range files.File {
		part, err := file.Open()
		if err != nil {
			panic(err)
		}
		if _, err := io.Copy(&text, part); err != nil {
			panic(err)
		}
	}
	return text.String()
}

var (
	linkToken = regexp.MustCompile(`\?start=([\w-]+)`)
	loss      = regexp.MustCompile(`something went wrong|حدث خطأ|⟦`)
)

// read looks for what is not the person's to read in a text.
func (a *auditor) read(person int64, p place, text string) (wrong []string) {
	if loss.MatchString(text) {
		wrong = append(wrong, "the bot is at a loss: "+text)
	}
	for _, found := range linkToken.FindAllStringSubmatch(text, -1) {
		a.tokens = append(a.tokens, found[1])
	}
	text = linkToken.ReplaceAllString(text, "") // its letters are random, and may be anybody's word
	bare := squeezed(text)
	for _, tenant := range a.tenants {
		if p.worksAt(tenant) {
			continue
		}
		found := append(tenant.words.FindAllString(text, -1), tenant.phone.FindAllString(bare, -1)...)
		for code := range tenant.codes {
			if strings.Contains(text, code) {
				found = append(found, code)
			}
		}
		if !p.admin {
			for _, mark := range tenant.marks {
				if strings.Contains(bare, mark) && (mark != squeezed(tenant.name) || !slices.Contains(a.asked[person], tenant)) {
					found = append(found, mark)
				}
			}
		}
		for _, mark := range found {
			if !strings.Contains(a.said[person], mark) {
				wrong = append(wrong, fmt.Sprintf("sees %q of %s in %q", mark, tenant.name, text))
			}
		}
	}
	return wrong
}

// button looks whose row a button names, and keeps its data for forgers.
func (a *auditor) button(p place, data string) (wrong []string) {
	if data == "" {
		return nil
	}
	route, _, _ := strings.Cut(data, ":")
	a.routes[route] = true
	if _, known := idRoutes[route]; !known {
		return []string{fmt.Sprintf("button %q is of a new route: idRoutes is to say which part of its data names a row, if any", data)}
	}
	_, of := a.named(data)
	if _, known := a.shown[data]; !known {
		a.shown[data] = of
	}
	if of != nil && !p.worksAt(of) && !(p.admin && idRoutes[route].kind == "clinic") {
		wrong = append(wrong, fmt.Sprintf("has a button %q with an id of %s", data, of.name))
	}
	return wrong
}

// named finds the id in a button's data, and whose row it names; nil: nobody's here.
func (a *auditor) named(data string) (id int64, of *tenant) {
	route, rest, _ := strings.Cut(data, ":")
	where := idRoutes[route]
	parts := strings.Split(rest, ":")
	if where.kind == "" || where.part >= len(parts) {
		return 0, nil
	}
	id, err := strconv.ParseInt(parts[where.part], where.base, 64)
	if err != nil {
		return 0, nil
	}
	return id, a.owners[where.kind][id]
}

// instead is the same data with another id.
func instead(data string, id int64) string {
	route, rest, _ := strings.Cut(data, ":")
	where, parts := idRoutes[route], strings.Split(rest, ":")
	parts[where.part] = strconv.FormatInt(id, where.base)
	return route + ":" + strings.Join(parts, ":")
}

// harmless is what Telegram may refuse: the same screen again, and a screen in place of what cannot be edited, which
// then comes below it.
var harmless = regexp.MustCompile(`message is not modified|there is no text in the message to edit|message can't be edited`)

// answers holds that each tap was answered once, and that Telegram refused nothing.
func (a *auditor) answers(taps int) (wrong []string) {
	calls, all := a.s.sim.CallsSince(a.calls)
	a.calls = all
	answered := 0
	for _, call := range calls {
		if call.Status >= 400 && !harmless.MatchString(call.Description) {
			wrong = append(wrong, fmt.Sprintf("Telegram refused %s: %s", call.Method, call.Description))
		}
		if call.Method == "answerCallbackQuery" {
			answered++
		}
	}
	if answered != taps {
		wrong = append(wrong, fmt.Sprintf("%d taps got %d answers", taps, answered))
	}
	return wrong
}

// squeezed is a text without what stands between the digits of a phone or an amount.
func squeezed(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u2068", "", "\u2069", "", "\u200f", "").Replace(text)
}

// failures is a log that keeps only what went wrong.
func failures(log *logbook) *slog.Logger {
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))
}

// take returns what was logged since the last time.
func (l *logbook) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return string(bytes.TrimSpace(l.text.Bytes()))
}
