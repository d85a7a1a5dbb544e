package desk

import (
	"context"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/registry"
)

// What can be done about a phone that is known: "open:7", "add:7" or "new".
const (
	knownOpen = "open"
	knownAdd  = "add"
	knownNew  = "new"

	knownNobody = "nobody" // nobody has it: there is nothing to decide
)

// phoneIsKnown says whether the clinic has an owner with the phone just given.
// Families share phones, so it is a question and no refusal.
func (d *Desk) phoneIsKnown(ctx context.Context, s form.Step) (bool, error) {
	phone := s.Answers.Item[fieldPhone]
	if phone == "" {
		return false, nil
	}
	if decided := s.Answers.Item[fieldKnown]; decided != "" {
		return decided != knownNobody, nil
	}
	owners, err := d.registry.OwnersByPhone(ctx, *s.Speaker.Member, phone)
	if err == nil && len(owners) == 0 {
		s.Answers.Item[fieldKnown] = knownNobody // not asked again at every step that follows
	}
	return len(owners) > 0, err
}

func (d *Desk) listKnown(ctx context.Context, s form.Step) (chat.Args, error) {
	owners, err := d.registry.OwnersByPhone(ctx, *s.Speaker.Member, s.Item[fieldPhone])
	if err != nil {
		return nil, err
	}
	return chat.Args{"Count": len(owners), "Owners": knownLines(s.Turn, owners)}, nil
}

func knownLines(t *chat.Turn, owners []registry.Known) chat.HTML {
	var lines []chat.HTML
	for _, owner := range owners {
		lines = append(lines, t.Text("desk.register.known.owner", chat.Args{"Owner": owner.Name, "Pets": petNames(t.Locale, owner)}))
	}
	return chat.Lines(lines...)
}

// remarkOnSecondPhone tells who has a second phone already; nothing where nobody has. It is the first that people are found
// and told apart by, so this is no question.
func (d *Desk) remarkOnSecondPhone(ctx context.Context, t *chat.Turn, phone string) (chat.HTML, error) {
	owners, err := d.registry.OwnersByPhone(ctx, *t.Speaker.Member, phone)
	if err != nil || len(owners) == 0 {
		return "", err
	}
	return t.Text("desk.register.second_phone.known", chat.Args{"Owners": knownLines(t, owners)}), nil
}

func (d *Desk) knownChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	owners, err := d.registry.OwnersByPhone(ctx, *s.Speaker.Member, s.Item[fieldPhone])
	if err != nil {
		return nil, err
	}
	var choices []form.Choice
	for _, owner := range owners {
		id := strconv.FormatInt(owner.ID, 10)
		choices = append(choices,
			form.Choice{Value: chat.Data(knownOpen, id), Label: s.Plain("desk.register.known.open", chat.Args{"Owner": chat.Shorten(owner.Name, 40)})},
			form.Choice{Value: chat.Data(knownAdd, id), Label: s.Plain("desk.register.known.add", chat.Args{"Owner": chat.Shorten(owner.Name, 40)})})
	}
	return append(choices, form.Choice{Value: knownNew, Label: s.Plain("desk.register.known.new")}), nil
}

func (d *Desk) chooseKnown(ctx context.Context, s form.Step, value string) error {
	action, id, _ := strings.Cut(value, ":")
	if action == knownNew {
		s.Item[fieldKnown] = knownNew
		delete(s.Item, fieldOwner) // chosen before, and thought better of
		return nil
	}
	owner, err := d.ownerFrom(ctx, s.Turn, id)
	if err != nil {
		return refusal(err)
	}
	if action == knownAdd {
		s.Item[fieldOwner], s.Item[fieldKnown] = id, value
		return nil
	}
	screen, err := d.card(ctx, s.Turn, owner, "")
	if err != nil {
		return err
	}
	return &form.Departure{Screen: screen}
}

// petNames lists an owner's pets as the reader's language does.
func petNames(locale chat.Locale, owner registry.Known) string {
	var names []string
	for _, name := range owner.Pets[:min(namedPets, len(owner.Pets))] {
		names = append(names, chat.Shorten(name, 20))
	}
	list := strings.Join(names, locale.Plain("list.comma"))
	if more := len(owner.Pets) - namedPets; more > 0 {
		return list + " +" + strconv.Itoa(more)
	}
	return list
}

// namedPets is how many pets tell two owners apart.
const namedPets = 5
