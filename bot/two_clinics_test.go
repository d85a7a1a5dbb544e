package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/simulator"
	"vetalyze/internal/telegram"
)

// TestTwoClinicsAtOnce lets the people of two clinics, an admin and strangers loose on the bot: texts, contacts, photos,
// others' links, and any button that was ever shown to anybody, as it was or changed. The auditor looks at everything that
// shows and at every row that changes. `go test ./bot -run TwoClinics -rapid.checks 5000` takes its time.
func TestTwoClinicsAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	for _, name := range []string{"Mona", "سلمى", "Nadia", "Sara", "هدى", "Omar"} {
		if wrong := c.tour(t, c.person(t, name), 70); len(wrong) > 0 {
			t.Fatalf("on tour:\n%s", strings.Join(wrong, "\n"))
		}
	}
	for route := range idRoutes {
		if !c.routes[route] && !slices.Contains([]string{"cancel", "menu", "clinic", "ownerslink", "undo", "search"}, route) {
			t.Fatalf("no button of the route %s was seen on tour", route)
		}
	}
	t.Logf("%d buttons of %d routes seen on tour", len(c.shown), len(c.routes))
	rapid.Check(t, func(r *rapid.T) {
		c.reopen(t)
		for range rapid.IntRange(1, 10).Draw(r, "steps") {
			person := c.people[rapid.IntRange(0, len(c.people)-1).Draw(r, "person")]
			if wrong := c.act(t, r, person); len(wrong) > 0 {
				r.Fatalf("\n%s", strings.Join(wrong, "\n"))
			}
		}
	})
}

// act has a person do anything.
func (c *crowd) act(t *testing.T, r *rapid.T, who *simulator.Person) []string {
	all := c.everything()
	switch rapid.IntRange(0, 15).Draw(r, "what") {
	case 0:
		return c.watch(t, who, 0, func() { who.SendPhoto([]byte("\x89PNG")) })
	case 1:
		return c.watch(t, who, 0, func() { who.ShareContact() })
	case 2:
		name, phone := c.word(r, who), rapid.SampledFrom([]string{"0100 770 0001", "+201008800002", "12", "+966501234567"}).Draw(r, "phone")
		c.typed(t.Context(), who, name+" "+phone)
		return c.watch(t, who, 0, func() { who.SendContact(name, phone, 0) })
	case 3:
		token := rapid.SampledFrom(append(c.tokens, "wrongwrongwrongwrongwr", "-", "")).Draw(r, "token")
		return c.send(t, who, "/start "+token)
	case 4:
		return c.indistinct(t, r, who, all)
	case 5, 6:
		return c.press(t, who, rapid.SampledFrom(all).Draw(r, "replayed"))
	case 7:
		return c.press(t, who, c.forge(r, all))
	case 8, 9, 10, 11:
		if mine := buttonsOf(who); len(mine) > 0 {
			return c.press(t, who, rapid.SampledFrom(mine).Draw(r, "button"))
		}
	}
	return c.send(t, who, c.text(r, who))
}

// indistinct has a person press a button with an id of somewhere else, and with one that never was: the answers are one.
func (c *crowd) indistinct(t *testing.T, r *rapid.T, who *simulator.Person, all []string) []string {
	data := rapid.SampledFrom(all).Draw(r, "of another")
	id, of := c.named(data)
	if p := c.placeOf(t.Context(), who.ID); of == nil || p.worksAt(of) || p.admin && idRoutes[strings.SplitN(data, ":", 2)[0]].kind == "clinic" {
		return nil
	}
	never, wrong := c.seenIn(t, who, instead(data, id+1_000_000))
	theirs, more := c.seenIn(t, who, data)
	if diff := cmp.Diff(never, theirs); diff != "" {
		wrong = append(wrong, fmt.Sprintf("%s: %s is told from what never was (-):\n%s", who.FirstName, data, diff))
	}
	return append(wrong, more...)
}

// forge makes data of what was shown: with another id, cut, or with a sign changed.
func (c *crowd) forge(r *rapid.T, all []string) string {
	data := rapid.SampledFrom(all).Draw(r, "forged of")
	switch rapid.IntRange(0, 3).Draw(r, "how") {
	case 0:
		if id, of := c.named(data); of != nil {
			return instead(data, id+rapid.Int64Range(-20, 20).Draw(r, "away"))
		}
	case 1:
		return data[:rapid.IntRange(0, len(data)).Draw(r, "cut")]
	case 2:
		route, _, _ := strings.Cut(rapid.SampledFrom(all).Draw(r, "route"), ":")
		_, rest, _ := strings.Cut(data, ":")
		data = route + ":" + rest
	default:
		signs := []byte(data)
		signs[rapid.IntRange(0, len(signs)-1).Draw(r, "at")] = rapid.SampledFrom([]byte("0129az:.-%\x00\n")).Draw(r, "sign")
		data = string(signs)
	}
	return strings.ToValidUTF8(data[:min(len(data), 64)], "")
}

func (c *crowd) word(r *rapid.T, who *simulator.Person) string {
	words := c.words[who.ID]
	if words == nil {
		words = []string{"Tom", "Jerry", "قطقوط"}
	}
	return rapid.SampledFrom(words).Draw(r, "word")
}

// text is something to write: a command, an answer, a search. Of the other clinic's words only the beginning.
func (c *crowd) text(r *rapid.T, who *simulator.Person) string {
	phones := map[bool]string{true: "010077", false: "010088"}[len(c.words[who.ID]) > 0 && c.words[who.ID][0][0] == 'Q']
	return rapid.OneOf(
		rapid.Just(fmt.Sprintf("/register %s %s, %s%05d; %s dog 2y; %s cat", c.word(r, who), c.word(r, who), phones, rapid.IntRange(0, 40).Draw(r, "number"), c.word(r, who), c.word(r, who))),
		rapid.Just(c.word(r, who)),
		rapid.Just(fmt.Sprintf("%s%05d", phones, rapid.IntRange(0, 40).Draw(r, "phone"))),
		rapid.SampledFrom([]string{
			"Qx", "zv", "ظغ", "qxan", "zvet", "ظغلو", "7700", "8800001", "770001", "00001", "qx zv", "qxyl dog",
			"/menu", "/owners", "/staff", "/subscription", "/clinics", "/clinics happy", "/clinics 0100", "/plans", "/expiring", "/register", "/search qx",
			"/language", "/cancel", "/help", "/newclinic", "/nothing", "dog", "2y", "yesterday", "15/4/2026", "500", "1e9", "4.5 kg", "EGP", "Egypt", "<b>&", "%", "🐶",
		}),
		rapid.StringN(1, 60, 200),
	).Draw(r, "text")
}

// reopen undoes what would end the play: that all staff are stopped.
func (c *crowd) reopen(t *testing.T) {
	t.Helper()
	_, err := c.all.Exec(t.Context(), "UPDATE staff SET stopped_at = NULL, stopped_by = NULL WHERE stopped_at IS NOT NULL AND telegram_id < 3000")
	must(t, err)
	c.rows = c.fingerprints(t.Context())
}

// TestTheAuditorSees plants what must never happen and looks whether the auditor tells.
func TestTheAuditorSees(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	api, err := telegram.NewClient(t.Context(), telegram.ClientConfig{Token: c.sim.Token(), APIURL: "http://simulator", HTTP: c.sim.Client()})
	must(t, err)
	sara, salma, nadia, omar := c.person(t, "Sara"), c.person(t, "سلمى"), c.person(t, "Nadia"), c.person(t, "Omar")
	say := func(who *simulator.Person, text, data string) func() {
		return func() {
			params := &tg.SendMessageParams{ChatID: who.ID, Text: text}
			if data != "" {
				params.ReplyMarkup = models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "x", CallbackData: data}}}}
			}
			_, err := api.SendMessage(t.Context(), params)
			must(t, err)
		}
	}
	do := func(statement string) func() {
		return func() {
			_, err := c.all.Exec(t.Context(), statement)
			must(t, err)
		}
	}
	omar.Start("")
	c.settle(t)
	c.watch(t, omar, 0, func() {})
	var owner, clinic int64
	var code string
	must(t, c.all.QueryRow(t.Context(), "SELECT owner_id, clinic_id, code FROM owners WHERE clinic_id = $1 AND deleted_at IS NULL LIMIT 1", c.tenants[0].id).Scan(&owner, &clinic, &code))
	for _, planted := range []struct {
		name string
		who  *simulator.Person
		taps int
		do   func()
		told string // empty: nothing is wrong
	}{
		{"her own clinic's owner", sara, 0, say(sara, "Qxenobia", fmt.Sprint("owner:", owner)), ""},
		{"another's owner", salma, 0, say(salma, "👤 Qxenobia", ""), "Qxenobia"},
		{"another's owner, to the admin", nadia, 0, say(nadia, "qxenobia", ""), "qxenobia"},
		{"another's owner, to somebody else", sara, 0, say(salma, "Qxenobia", ""), "Qxenobia"},
		{"a phone", salma, 0, say(salma, "\u2068010 07700001\u2069", ""), "1007700001"},
		{"a code", omar, 0, say(omar, code, ""), code},
		{"who works there", salma, 0, say(salma, "registered by Sara", ""), "Sara"},
		{"who works there, to the admin", nadia, 0, say(nadia, "Sara", ""), ""},
		{"what they paid", salma, 0, say(salma, "4,321.07 EGP", ""), "4,321.07"},
		{"which clinics there are", omar, 0, say(omar, "Happy Paws", ""), "HappyPaws"},
		{"a button to another's owner", salma, 0, say(salma, "x", fmt.Sprint("owner:", owner)), "owner:"},
		{"a button to another clinic", salma, 0, say(salma, "x", fmt.Sprint("clinics:card:", clinic)), "clinics:card"},
		{"a route of which nothing is known", salma, 0, say(salma, "x", "newest:1"), "newest"},
		{"a file with another's owners", salma, 0, func() {
			_, err := api.SendDocument(t.Context(), &tg.SendDocumentParams{ChatID: salma.ID, Document: &models.InputFileUpload{
				Filename: "owners.csv", Data: strings.NewReader("Qxenobia;+201007700001"),
			}})
			must(t, err)
		}, "1007700001"},
		{"a change of another's owner", salma, 0, do(fmt.Sprintf("UPDATE owners SET note = 'x' WHERE owner_id = %d", owner)), "owners"},
		{"a change of an owner by the admin", nadia, 0, do(fmt.Sprintf("UPDATE owners SET note = 'y' WHERE owner_id = %d", owner)), "owners"},
		{"a change of her own", sara, 0, do(fmt.Sprintf("UPDATE owners SET note = 'z' WHERE owner_id = %d", owner)), ""},
		{"a change of what was paid", sara, 0, do(fmt.Sprintf("UPDATE subscriptions SET extra_accounts = 9 WHERE clinic_id = %d", clinic)), "subscriptions"},
		{"a change of somebody else's language", salma, 0, do(fmt.Sprintf("UPDATE people SET language = 'ar' WHERE telegram_id = %d", sara.ID)), "people"},
		{"a tap without an answer", salma, 1, func() {}, "1 taps got 0 answers"},
		{"what Telegram refuses", salma, 0, func() {
			_, _ = api.SendMessage(t.Context(), &tg.SendMessageParams{ChatID: salma.ID, Text: "<b", ParseMode: models.ParseModeHTML})
		}, "can't parse entities"},
		{"an apology", salma, 0, say(salma, "Sorry, something went wrong", ""), "at a loss"},
		{"an error in the log", salma, 0, func() { c.stage.log.Error("update failed") }, "update failed"},
	} {
		wrong := strings.Join(c.watch(t, planted.who, planted.taps, planted.do), "\n")
		if planted.told == "" && wrong != "" || !strings.Contains(strings.ToLower(wrong), strings.ToLower(planted.told)) {
			t.Errorf("%s: the auditor says %q, want %q", planted.name, wrong, planted.told)
		}
	}
}
