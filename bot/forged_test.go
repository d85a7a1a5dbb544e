package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vetalyze/db"
	"vetalyze/internal/simulator"
	"vetalyze/internal/staff"
)

// TestForgedTaps has a hostile client tap on what was never on its screen: ids
// of the other clinic, other people's dialogs, routes of other roles, nonsense.
// Nothing of the other clinic shows, and nothing is done there.
func TestForgedTaps(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sara, salma := s.person(t, "Sara"), s.person(t, "سلمى")
	sara.Send("/register Zebulon Secretkeeper, 0109 876 5432; Whiskerfang dog 2y")
	s.settle(t)
	must(t, sara.Tap("✅ Save"))
	sara.Send("/register Zebulon Otherman, 0122 555 0199; Whiskerpaw cat")
	s.settle(t)
	var buttons []string
	for _, message := range sara.Chat() {
		for _, row := range message.InlineKeyboard {
			for _, b := range row {
				buttons = append(buttons, b.Data)
			}
		}
	}
	staffBefore := s.count(t, "SELECT count(*) FROM staff WHERE stopped_at IS NULL")

	forged := rapid.OneOf(
		rapid.SampledFrom(buttons),
		rapid.Custom(func(t *rapid.T) string {
			route := rapid.SampledFrom([]string{
				"owner", "addpet", "staff:stop_sure", "staff:link", "staff:show", "staff:reactivate", "ownerslink", "clinic", "newclinic", "form", "bills", "report",
				"clinics:card", "clinics:edit", "clinics:delete_sure", "clinics:deactivate_sure", "clinics:link", "terms:sell", "terms:term:1",
				"terms:refund:1", "terms:history", "plans:retire_sure:plans", "expiring", "changes", "clinicreport",
			}).Draw(t, "route")
			return fmt.Sprintf("%s:%d", route, rapid.Int64Range(-1, 60).Draw(t, "id"))
		}),
		rapid.StringMatching(`[a-z:0-9-]{1,40}`),
	)
	rapid.Check(t, func(r *rapid.T) {
		salma.Send("/menu")
		s.settle(t)
		last, _ := salma.Last()
		if err := salma.TapData(last.ID, forged.Draw(r, "data")); err != nil {
			r.Skip(err)
		}
		s.settle(t)
		for _, message := range salma.Chat() {
			for _, secret := range []string{"Zebulon", "Whisker", "876 5432", "98765432"} {
				if strings.Contains(message.Text, secret) {
					r.Fatalf("the other clinic's data shows: %s", message.Text)
				}
			}
		}
	})
	if owners := s.count(t, "SELECT count(*) FROM owners"); owners != 1 {
		t.Errorf("%d owners are registered, want the one Sara saved", owners)
	}
	if staff := s.count(t, "SELECT count(*) FROM staff WHERE stopped_at IS NULL"); staff != staffBefore {
		t.Errorf("%d people work at the clinics, want %d as before", staff, staffBefore)
	}
}

// TestAnythingGoes throws random texts, taps and files at the bot from both
// clinics. Telegram must never refuse what the bot answers, and the bot must
// never apologise.
func TestAnythingGoes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	people := []*simulator.Person{s.person(t, "Sara"), s.person(t, "سلمى"), s.person(t, "Mona"), s.person(t, "Nadia"), s.person(t, "Omar")}
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{
			"/start", "/menu", "/help", "/cancel", "/language", "/register", "/staff", "/newclinic", "/nothing",
			"/clinics", "/clinics paws", "/plans", "/expiring", "500", "١٥٠٠", "1e9", "-5", "15/4/2026", "yesterday", "EGP",
			"Ahmed Ali", "0100 123 4567", "Rex dog 2y", "Mimi", "dog", "2y", "أحمد علي", "كلب", "Egypt",
			"/register Ahmed <b>Ali, 0100 123 4567; Rex dog 2y; Mi&mi cat",
		}),
		rapid.String(),
		rapid.Custom(func(t *rapid.T) string { return "/register " + rapid.StringN(0, 4000, 4000).Draw(t, "line") }),
		rapid.Custom(func(t *rapid.T) string {
			pets := rapid.SliceOfN(rapid.StringMatching(`[A-Za-z]{50,100} dog [1-9]y`), 15, 25).Draw(t, "pets")
			return "/register Ahmed Ali, 0100 123 4567\n" + strings.Join(pets, "\n")
		}),
		rapid.StringN(3000, 4000, 4096),
	)
	before := len(s.sim.Calls())
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			person := rapid.SampledFrom(people).Draw(r, "person")
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0:
				person.SendSticker("🐶")
			case 1:
				person.ShareContact()
			case 2, 3:
				tapAnything(r, person)
			default:
				person.Send(texts.Draw(r, "text"))
			}
			s.settle(t)
		}
		for _, call := range s.sim.Calls()[min(before, len(s.sim.Calls())):] {
			if call.Status >= 400 && !strings.Contains(call.Description, "message is not modified") {
				r.Fatalf("Telegram refused %s: %s", call.Method, call.Description)
			}
		}
		for _, person := range people {
			if last, _ := person.Last(); strings.Contains(last.Text, "something went wrong") || strings.Contains(last.Text, "⟦") {
				r.Fatalf("the bot was at a loss: %s", last.Text)
			}
		}
	})
}

// tapAnything taps a button that is on the person's screen, if there is any.
func tapAnything(r *rapid.T, person *simulator.Person) {
	type button struct {
		message int
		data    string
	}
	var buttons []button
	for _, message := range person.Chat() {
		for _, row := range message.InlineKeyboard {
			for _, b := range row {
				if b.Data != "" {
					buttons = append(buttons, button{message.ID, b.Data})
				}
			}
		}
	}
	if len(buttons) == 0 {
		return
	}
	chosen := rapid.SampledFrom(buttons).Draw(r, "button")
	if err := person.TapData(chosen.message, chosen.data); err != nil {
		r.Fatal(err)
	}
}

// TestForgedSaveAtADecision fills a form in at one clinic, begins another at a
// second one, and forges Save on the question which of them to go on with: the
// first clinic's owner must not be registered at the second.
func TestForgedSaveAtADecision(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sara := s.person(t, "Sara")
	huda, err := s.staff.Find(t.Context(), s.person(t, "هدى").ID, "ar")
	must(t, err)
	token, err := s.staff.Invite(t.Context(), *huda.Member, staff.Invitation{
		Key: db.NewKey(), Role: staff.RoleReceptionist, Name: "Sara", Phone: sara.Phone,
	})
	must(t, err)
	sara.Send("/register Sam Smith, 0100 123 4567; Rex dog")
	s.settle(t)
	_, err = s.staff.Join(t.Context(), staff.Joining{TelegramID: sara.ID, Language: "en", Token: token, Phone: sara.Phone})
	must(t, err)
	sara.Send("/register")
	s.settle(t)

	last, _ := sara.Last()
	for _, action := range []string{"save", "edit", "skip", "back", "add"} {
		forged := strings.Replace(last.InlineKeyboard[0][0].Data, ":resume:", ":"+action+":", 1)
		must(t, sara.TapData(last.ID, forged))
		s.settle(t)
		last, _ = sara.Last()
	}
	if owners := s.count(t, "SELECT count(*) FROM owners"); owners != 0 {
		t.Errorf("%d owners were registered by a forged Save", owners)
	}
}

// TestLongestAnswers has a family of many pets with long names on one phone: no
// answer outgrows a message.
func TestLongestAnswers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sara := s.person(t, "Sara")
	for range 3 {
		sara.Send("/register Ahmed Ali, 0100 123 4567" + strings.Repeat("; "+strings.Repeat("م", 90)+" dog 2y", 20))
		s.settle(t)
		if s.countTexts("Sara", "This phone is known") > 0 {
			must(t, sara.Tap("Register a new owner anyway"))
			s.settle(t)
		}
		must(t, sara.Tap("✅ Save"))
		s.settle(t)
		must(t, sara.Tap("🐾 Add a pet"))
		s.settle(t)
		sara.Send(strings.Repeat("ن", 100) + " dog")
		s.settle(t)
		must(t, sara.Tap("✅ Save"))
		s.settle(t)
	}
	sara.Send("0100 123 4567")
	s.settle(t)
	if apologies := s.countTexts("Sara", "something went wrong"); apologies > 0 {
		t.Errorf("the bot apologised %d times", apologies)
	}
}
