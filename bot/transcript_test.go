package bot_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/simulator"
)

var update = flag.Bool("update", false, "write the transcripts as the bot answers now")

// TestTranscripts plays every chat in testdata against the real bot, a real
// PostgreSQL and the simulator, and compares what everybody saw.
//
// A transcript is read from top to bottom. What people do stands at the margin,
// what the bot does in answer is indented:
//
//	# a remark
//	Sara: what she types; ⏎ is a new line
//	Sara taps [a button]                    (or: taps [a button] twice)
//	Sara taps [a button] of an old message
//	Sara shares her contact
//	Sara shares the contact "Ahmed Ali" 0100 123 4567
//	Sara sends a photo                      (or: sticker, voice message, file)
//	Omar opens the link                     (the last one the bot showed to anybody)
//	Omar opens the link "a-token"
//	Omar opens the admin link               (what the command admin-link prints)
//	2 days pass                             (or: hours, minutes)
//	clock 2026-12-01 10:00                  (it is moved there, in Cairo, and what is due is sent)
//	Happy Paws is suspended                 (or: goes on, is refunded, buys a year, buys a month,
//	                                        buys a month for later, is closed, is opened)
//	12 clinics called "Vets" buy a month    (new ones, whose owners have not come in)
//	Happy Paws loses its time zone           (PostgreSQL does not know it any more)
//	Sara forges the button "clinics:card:1" (a tap on what was never on her screen)
//	Happy Paws registers 25 owners called "Ahmed Ali"
//	the bot plans its reminders              (what is due by now waits to be sent)
//	the bot restarts
//	Telegram fails once                     (the next message the bot sends is lost)
//	Telegram keeps old messages             (it no longer lets the bot remove or change them)
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts found: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playFile(t, file)
		})
	}
}

func playFile(t *testing.T, file string) {
	t.Helper()
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := &player{t: t, stage: newStage(t), shown: map[string]string{}}
	for name, person := range p.stage.people {
		p.shown["menu "+name] = p.stage.commandsOf(person.ID)
	}
	for _, line := range strings.Split(strings.TrimRight(string(script), "\n"), "\n") {
		p.line(line)
	}
	got := p.out.String()
	if strings.Contains(got, "something went wrong") || strings.Contains(got, "حدث خطأ") || strings.Contains(got, "⟦") {
		t.Errorf("the bot did not know what to do or say:\n%s", got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(string(script), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the chat went otherwise than written (-written +now):\n%s\nthe whole chat now:\n%s", diff, got)
	}
}

// A player performs a transcript and writes down how it went.
type player struct {
	t     *testing.T
	stage *stage
	out   strings.Builder
	shown map[string]string // what each message looked like when it was last written down
	link  string
}

// line performs one line. Indented lines are what the bot did when the
// transcript was written: they are written anew.
func (p *player) line(line string) {
	p.t.Helper()
	switch {
	case strings.HasPrefix(line, "    "), line == "":
		return
	case strings.HasPrefix(line, "#"):
		fmt.Fprintln(&p.out, line)
		return
	}
	if p.out.Len() > 0 {
		fmt.Fprintln(&p.out)
	}
	fmt.Fprintln(&p.out, line)
	before := p.stage.lastEvent()
	p.act(line)
	p.stage.settle(p.t)
	p.write(before)
}

var (
	saysLine    = regexp.MustCompile(`^([^\s:]+): (.*)$`)
	tapsLine    = regexp.MustCompile(`^(\S+) taps \[(.+)\]( twice| of an old message)?$`)
	contactLine = regexp.MustCompile(`^(\S+) shares the contact "(.*)" (.+)$`)
	sendsLine   = regexp.MustCompile(`^(\S+) sends a (photo|sticker|voice message|file)$`)
	linkLine    = regexp.MustCompile(`^(\S+) opens the link(?: "(.*)")?$`)
	forgeLine   = regexp.MustCompile(`^(\S+) forges the button "(.+)"$`)
	clockLine   = regexp.MustCompile(`^clock (\d{4}-\d\d-\d\d \d\d:\d\d)$`)
	timeLine    = regexp.MustCompile(`^(\d+) (day|hour|minute)s? pass(?:es)?$`)
	standLine   = regexp.MustCompile(`^(.+?) (is suspended|goes on|is refunded|buys a (?:year|month)(?: for later)?|is closed|is opened)$`)
	zoneLine    = regexp.MustCompile(`^(.+) loses its time zone$`)
	clinicsLine = regexp.MustCompile(`^(\d+) clinics called "(.+)" buy a month$`)
	ownersLine  = regexp.MustCompile(`^(.+) registers (\d+) owners called "(.+)"$`)
	simpleLine  = regexp.MustCompile(`^(\S+) (shares her contact|shares his contact|blocks the bot|comes back|opens the admin link)$`)
)

func (p *player) act(line string) {
	p.t.Helper()
	switch line {
	case "the bot restarts":
		p.stage.restart(p.t)
		return
	case "the bot plans its reminders":
		must(p.t, p.stage.reminders.Plan(p.t.Context()))
		return
	case "Telegram fails once":
		p.stage.sim.Fail(simulator.Fault{Method: "sendMessage", Kind: simulator.ServerError{}})
		return
	case "Telegram keeps old messages":
		p.stage.keepOldMessages()
		return
	}
	if m := timeLine.FindStringSubmatch(line); m != nil {
		var count int
		fmt.Sscan(m[1], &count)
		unit := map[string]time.Duration{"day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute}[m[2]]
		p.stage.clock.Advance(time.Duration(count) * unit)
		p.stage.sim.Wake()
		return
	}
	if m := clinicsLine.FindStringSubmatch(line); m != nil {
		var count int
		fmt.Sscan(m[1], &count)
		for i := range count {
			p.stage.open(p.t, fmt.Sprintf("%s %d", m[2], i+1))
		}
		return
	}
	if m := clockLine.FindStringSubmatch(line); m != nil {
		cairo, err := time.LoadLocation("Africa/Cairo")
		must(p.t, err)
		at, err := time.ParseInLocation("2006-01-02 15:04", m[1], cairo)
		must(p.t, err)
		p.stage.clock.Set(at)
		p.stage.sim.Wake()
		p.stage.remind(p.t)
		return
	}
	if m := ownersLine.FindStringSubmatch(line); m != nil {
		var count int
		fmt.Sscan(m[2], &count)
		p.stage.register(p.t, m[1], count, m[3])
		return
	}
	if m := saysLine.FindStringSubmatch(line); m != nil {
		p.stage.person(p.t, m[1]).Send(strings.ReplaceAll(m[2], "⏎", "\n"))
		return
	}
	if m := tapsLine.FindStringSubmatch(line); m != nil {
		p.tap(p.stage.person(p.t, m[1]), m[2], m[3])
		return
	}
	if m := contactLine.FindStringSubmatch(line); m != nil {
		p.stage.person(p.t, m[1]).SendContact(m[2], m[3], 0)
		return
	}
	if m := sendsLine.FindStringSubmatch(line); m != nil {
		p.send(p.stage.person(p.t, m[1]), m[2])
		return
	}
	if m := linkLine.FindStringSubmatch(line); m != nil {
		token := m[2]
		if token == "" {
			token = p.link
		}
		p.stage.person(p.t, m[1]).Start(token)
		return
	}
	if m := forgeLine.FindStringSubmatch(line); m != nil {
		person := p.stage.person(p.t, m[1])
		last, _ := person.Last()
		must(p.t, person.TapData(last.ID, m[2]))
		return
	}
	if m := standLine.FindStringSubmatch(line); m != nil {
		p.stage.stand(p.t, m[1], m[2])
		return
	}
	if m := zoneLine.FindStringSubmatch(line); m != nil {
		p.stage.loseZone(p.t, m[1])
		return
	}
	m := simpleLine.FindStringSubmatch(line)
	if m == nil {
		p.t.Fatalf("nobody knows how to do this: %s", line)
	}
	person := p.stage.person(p.t, m[1])
	switch m[2] {
	case "opens the admin link":
		token, _, err := p.stage.staff.AdminLink(p.t.Context())
		must(p.t, err)
		person.Start(token)
	case "blocks the bot":
		person.Block()
	case "comes back":
		person.Unblock()
	default:
		person.ShareContact()
	}
}

func (p *player) tap(person *simulator.Person, label, how string) {
	p.t.Helper()
	messageID, data, ok := findButton(person, label, how == " of an old message")
	if !ok {
		p.t.Fatalf("%s has no button [%s]\nthe chat so far:\n%s", person.FirstName, label, p.out.String())
	}
	taps := 1
	if how == " twice" {
		taps = 2
	}
	for range taps {
		must(p.t, person.TapData(messageID, data))
	}
}

// findButton looks for a button from the newest message up; with old, above the
// newest that has it.
func findButton(person *simulator.Person, label string, old bool) (messageID int, data string, ok bool) {
	chat := person.Chat()
	for i := len(chat) - 1; i >= 0; i-- {
		for _, row := range chat[i].InlineKeyboard {
			for _, b := range row {
				if plain(b.Text) != label {
					continue
				}
				if !old {
					return chat[i].ID, b.Data, true
				}
				old = false
			}
		}
	}
	return 0, "", false
}

func (p *player) send(person *simulator.Person, what string) {
	switch what {
	case "photo":
		person.SendPhoto([]byte("\x89PNG"))
	case "sticker":
		person.SendSticker("🐶")
	case "voice message":
		person.SendVoice()
	case "file":
		person.SendDocument("report.pdf", []byte("%PDF"))
	}
}

// write writes down what everybody saw happen since an event.
func (p *player) write(since int64) {
	for _, event := range p.stage.eventsSince(p.t, since) {
		name := p.stage.nameOf(event.Person)
		switch event.Type {
		case simulator.EventMessage, simulator.EventEdit:
			if event.Message.FromBot {
				p.writeMessage(name, event)
			}
		case simulator.EventDelete:
			p.indent("(the former message goes away)")
		case simulator.EventToast:
			if event.Toast.Text != "" {
				p.indent("Bot to " + name + ", in passing: " + plain(event.Toast.Text))
			}
		case simulator.EventCommands:
			if commands := p.stage.commandsOf(event.Person); commands != "" && p.shown["menu "+name] != commands {
				p.shown["menu "+name] = commands
				p.indent(name + "'s menu: " + commands)
			}
		}
	}
}

func (p *player) writeMessage(name string, event simulator.Event) {
	m := event.Message
	key := fmt.Sprint(event.Person, " ", m.ID)
	text := p.render(m)
	if p.shown[key] == text {
		return // only a pressed button looks different
	}
	p.shown[key] = text
	verb := "Bot to "
	if event.Type == simulator.EventEdit {
		verb = "Bot changes its message to "
	}
	p.indent(verb + name + ":")
	for _, line := range strings.Split(text, "\n") {
		p.indent("    " + line)
	}
}

var (
	deepLink = regexp.MustCompile(`https://t\.me/\w+\?start=([\w-]+)`)
	isolates = strings.NewReplacer("\u2068", "", "\u2069", "", "\u200f", "")
)

// render shows a message as plain text with its buttons below.
func (p *player) render(m *simulator.Message) string {
	if found := deepLink.FindStringSubmatch(m.Text); found != nil {
		p.link = found[1]
	}
	lines := []string{deepLink.ReplaceAllString(plain(m.Text), "<a link>")}
	if m.Photo != nil {
		lines = append([]string{"(a photo)"}, lines...)
	}
	if m.Document != nil {
		lines = append([]string{"(a file, " + m.Document.Name + ")"}, lines...)
	}
	for _, row := range m.InlineKeyboard {
		var labels []string
		for _, b := range row {
			labels = append(labels, "["+plain(b.Text)+"]")
		}
		lines = append(lines, strings.Join(labels, " "))
	}
	if m.ReplyKeyboard != nil {
		for _, row := range m.ReplyKeyboard.Rows {
			for _, b := range row {
				lines = append(lines, "{"+plain(b.Text)+"}")
			}
		}
	}
	return strings.Join(lines, "\n")
}

func plain(text string) string { return isolates.Replace(text) }

func (p *player) indent(line string) {
	fmt.Fprintln(&p.out, strings.TrimRight("    "+line, " "))
}
