package bot_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/registry"
	"vetalyze/internal/simulator"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// A crowd is everybody of two clinics, an admin and two strangers, each on a phone of their own, with an auditor behind them.
type crowd struct {
	*stage
	*auditor
	people []*simulator.Person
	words  map[int64][]string // what the people of each clinic write into owners and pets
	codes  []string           // of cards that have everything
}

// vocabularies are the words of each clinic. Two letters of them may be typed by others.
var vocabularies = [][]string{
	{"Qxavierus", "Qxenobia", "Qxuberant", "Qxylander", "Qxantippe"},
	{"Zvarnathan", "ظغلولان", "Zvolinkas", "ظغيداءة", "Zvetlanka"},
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	url, log := pgtest.URL(t), &logbook{}
	database, err := db.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(database.Close)
	c := &crowd{stage: raise(t, database, nil, failures(log)), words: map[int64][]string{}}
	paws := &tenant{
		name: "Happy Paws", words: regexp.MustCompile(`(?i)Qx\pL{3,}`), phone: regexp.MustCompile(`10077\d{5}`),
		marks: []string{"HappyPaws", "Mona", "Sara", "1001110001", "1001110002", "4,321.07"},
	}
	rifq := &tenant{
		name: "عيادة الرفق", words: regexp.MustCompile(`(?i)(?:Zv|ظغ)\pL{3,}`), phone: regexp.MustCompile(`10088\d{5}`),
		marks: []string{"عيادةالرفق", "هدى", "سلمى", "1001110004", "1001110005", "7,654.13"},
	}
	c.furnish(t, paws, vocabularies[0], "10077", 432107)
	c.furnish(t, rifq, vocabularies[1], "10088", 765413)
	for i, names := range [][]string{{"Mona", "Sara", vocabularies[0][0]}, {"هدى", "سلمى", vocabularies[1][0]}, {"Nadia", "Omar", "كريم"}} {
		for _, name := range names {
			person := c.person(t, name)
			c.people = append(c.people, person)
			if i < len(vocabularies) {
				c.words[person.ID] = vocabularies[i]
			}
		}
	}
	c.auditor = newAuditor(t, c.stage, url, log, paws, rifq)
	for _, house := range c.tenants { // for whoever finds them
		owner := c.member(t, house.name)
		for i := range 2 {
			token, err := c.stage.staff.Invite(t.Context(), owner, staff.Invitation{
				Key: db.NewKey(), Role: staff.RoleReceptionist, Name: "Omar", Phone: fmt.Sprintf("+20100111000%d", 3+3*i),
			})
			must(t, err)
			c.tokens = append(c.tokens, token)
		}
	}
	c.rows = c.fingerprints(t.Context())
	return c
}

// furnish gives a clinic a doctor, a second term, and owners with all that can be known of them: two cards merged into
// one, and a deleted one, among them.
func (c *crowd) furnish(t *testing.T, house *tenant, words []string, phones string, paid int64) {
	t.Helper()
	ctx, cards, owner := t.Context(), registry.New(c.db, c.clock), c.member(t, house.name)
	house.id, house.codes = owner.ClinicID, map[string]bool{}

	doctor := c.sim.AddPerson(simulator.Person{
		ID: 2000 + house.id, FirstName: words[0], LanguageCode: owner.Language, Phone: fmt.Sprintf("+20100111001%d", house.id),
	})
	token, err := c.stage.staff.Invite(ctx, owner, staff.Invitation{Key: db.NewKey(), Role: staff.RoleDoctor, Name: words[0], Phone: doctor.Phone})
	must(t, err)
	_, err = c.stage.staff.Join(ctx, staff.Joining{TelegramID: doctor.ID, Language: owner.Language, Token: token, Phone: doctor.Phone})
	must(t, err)
	c.stage.people[words[0]] = doctor
	doctor.Start("")
	doctor.SendPhoto([]byte("\x89PNG"))
	c.settle(t)
	photo := ""
	for _, message := range doctor.Chat() {
		if message.Photo != nil {
			photo = message.Photo.FileID
		}
	}
	nadia, err := c.stage.staff.Find(ctx, c.person(t, "Nadia").ID, "en")
	must(t, err)
	_, err = subscription.New(c.db, c.clock).Create(ctx, nadia, subscription.Sale{
		Key: db.NewKey(), ClinicID: house.id, PlanID: 1, MethodID: 1, AmountMinor: &paid, Start: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
	})
	must(t, err)

	var registered []registry.Owner
	for i := range 13 {
		one, err := cards.Register(ctx, owner, registry.Registration{
			Key: db.NewKey(), Name: words[i%4] + " " + words[i%3+1], Phone: fmt.Sprintf("+20%s%05d", phones, i/2), ChannelID: 1,
			SecondPhone: fmt.Sprintf("+20%s%05d", phones, 500+i),
			Pets:        []registry.NewPet{{Name: words[4], SpeciesID: 1 + i%3}, {Name: words[i%5], SpeciesID: 2}},
		})
		must(t, err)
		registered = append(registered, one)
	}
	_, err = cards.ChangeOwner(ctx, owner, registered[0].ID, 1, registry.FieldChange{Field: registry.ChangedNote, Value: words[1] + " note"})
	must(t, err)
	for i, to := range []registry.FieldChange{
		{Field: registry.ChangedAlert, Value: words[2]},
		{Field: registry.ChangedNote, Value: words[3]},
		{Field: registry.ChangedBreed, Value: words[1]},
		{Field: registry.ChangedColour, Value: words[2]},
		{Field: registry.ChangedMicrochip, Value: phones + "0000000001"},
		{Field: registry.ChangedPhoto, Value: photo},
	} {
		_, err := cards.ChangePet(ctx, owner, registered[0].Pets[0].ID, i+1, to)
		must(t, err)
	}
	_, err = cards.Merge(ctx, owner, registry.Merging{Key: db.NewKey(), KeptID: registered[1].ID, TwinID: registered[2].ID})
	must(t, err)
	_, err = cards.DeleteOwner(ctx, owner, registered[3].ID, 1)
	must(t, err)
	c.codes = append(c.codes, registered[0].Pets[0].Code, registered[0].Code, registered[1].Code)
}

// send has a person write something, and returns what is wrong with what comes of it.
func (c *crowd) send(t *testing.T, who *simulator.Person, text string) []string {
	t.Helper()
	c.typed(t.Context(), who, text)
	return c.watch(t, who, 0, func() { who.Send(text) })
}

// press has a person tap on whatever a hostile client can, below the bot's latest message.
func (c *crowd) press(t *testing.T, who *simulator.Person, data string) []string {
	t.Helper()
	last, ok := who.Last()
	if !ok || data == "" {
		return nil
	}
	c.said[who.ID] += "\n" + data
	return c.watch(t, who, 1, func() { must(t, who.TapData(last.ID, data)) })
}

// seenIn has a person press something, and tells all that they then see.
func (c *crowd) seenIn(t *testing.T, who *simulator.Person, data string) (seen, wrong []string) {
	t.Helper()
	before := c.lastEvent()
	wrong = c.press(t, who, data)
	events, _, _, _ := c.sim.Events(before)
	for _, event := range events {
		switch {
		case event.Type == simulator.EventToast:
			seen = append(seen, "toast: "+event.Toast.Text)
		case event.Type == simulator.EventMessage:
			seen = append(seen, "message: "+event.Message.Text)
		}
	}
	return seen, wrong
}

// buttons are the data of all buttons on a person's screen.
func buttonsOf(who *simulator.Person) (data []string) {
	for _, message := range who.Chat() {
		for _, row := range message.InlineKeyboard {
			for _, button := range row {
				if button.Data != "" {
					data = append(data, button.Data)
				}
			}
		}
	}
	return data
}

// tour has a person ask for everything there is, and press every kind of button that shows, once.
func (c *crowd) tour(t *testing.T, who *simulator.Person, most int) (wrong []string) {
	t.Helper()
	asked := []string{
		"/start", "/help", "/language", "/owners", "/search", "/subscription", "/staff", "/clinics", "/expiring", "/plans", "/newclinic", "/cancel",
		"/register", "Tom", "/menu", "/cancel", "Qx", "zv", "ظغ", "0077", "/clinics happy", "/clinics رفق",
	}
	asked = append(asked, c.codes...)
	known := map[string]bool{}
	var open []string
	look := func() {
		for _, data := range buttonsOf(who) {
			if kind := kindOf(data); !known[kind] {
				known[kind], open = true, append(open, data)
			}
		}
	}
	for _, text := range asked {
		wrong = append(wrong, c.send(t, who, text)...)
		look()
	}
	for pressed := 0; len(open) > 0 && pressed < most; pressed++ {
		data := open[0]
		open = open[1:]
		if strings.Contains(data, "_sure") || strings.HasPrefix(data, "language:") || strings.Count(data, ":") == 3 && strings.HasPrefix(data, "delete:") {
			continue // that would be the end of the tour
		}
		wrong = append(wrong, c.press(t, who, data)...)
		look()
	}
	return wrong
}

var idPart = regexp.MustCompile(`^[no]?[0-9][0-9a-z.+-]*$`)

// kindOf is a button's data without what differs from one row to the next.
func kindOf(data string) string {
	parts := strings.Split(data, ":")
	for i, part := range parts {
		if idPart.MatchString(part) || parts[0] == "form" && i == 1 {
			parts[i] = "#"
		}
	}
	return strings.Join(parts, ":")
}

// everything is all data of buttons that were ever shown to anybody, in an order that does not depend on chance.
func (c *crowd) everything() []string {
	var all []string
	for data := range c.shown {
		all = append(all, data)
	}
	slices.Sort(all)
	return all
}
