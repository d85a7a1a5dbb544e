package desk

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// openPet shows the pet named by a button's argument.
func (d *Desk) openPet(ctx context.Context, t *chat.Turn, argument string) error {
	pet, err := d.petFrom(ctx, t, argument)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	return d.showPet(ctx, t, pet)
}

// petFrom finds the pet an id in a button names, as ownerFrom finds an owner.
func (d *Desk) petFrom(ctx context.Context, t *chat.Turn, argument string) (registry.PetCard, error) {
	id, err := strconv.ParseInt(argument, 10, 64)
	if err != nil {
		return registry.PetCard{}, registry.ErrNotFound
	}
	return d.registry.PetCard(ctx, *t.Speaker.Member, id)
}

// findPet shows the pet whose code was typed; it returns false where it is no pet's.
func (d *Desk) findPet(ctx context.Context, t *chat.Turn, typed string) (bool, error) {
	pet, err := d.registry.PetByCode(ctx, *t.Speaker.Member, typed)
	var invalid registry.Invalid
	switch {
	case errors.Is(err, registry.ErrNotFound), errors.As(err, &invalid):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, d.showPet(ctx, t, pet)
}

func (d *Desk) showPet(ctx context.Context, t *chat.Turn, pet registry.PetCard) error {
	screen, err := d.petCard(ctx, t, pet, "")
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

// petCard draws a pet, under a headline if there is one.
func (d *Desk) petCard(ctx context.Context, t *chat.Turn, pet registry.PetCard, headline chat.HTML) (chat.Screen, error) {
	about, err := d.petLines(ctx, t, pet)
	if err != nil {
		return chat.Screen{}, err
	}
	id := decimal(pet.ID)
	var first []chat.Button
	if t.Speaker.May(staff.RightWriteRegistry) {
		first = append(first, chat.Button{Label: t.Plain("desk.card.change"), Data: chat.Data(routeChange, cardOfPet, id)})
	}
	if pet.PhotoFileID != "" {
		first = append(first, chat.Button{Label: t.Plain("desk.pet.photo"), Data: chat.Data(routePhoto, id)})
	}
	back := chat.Row(chat.Button{
		Label: t.Plain("desk.pet.to_owner", chat.Args{"Owner": shorten(pet.Owner.Name, shortName)}),
		Data:  chat.Data(routeOwner, decimal(pet.Owner.ID)),
	})
	return chat.Screen{
		Text: chat.Paragraphs(headline, chat.Lines(about...), chat.Lines(
			t.Text("desk.pet.owner", chat.Args{"Owner": pet.Owner.Name, "Code": chat.Code(pet.Owner.Code)}),
			t.Text("desk.card.phone", chat.Args{
				"Phone": chat.Code(registry.ShowPhone(pet.Owner.Phone, country(t))), "Call": pet.Owner.Phone,
			}),
			since(t, pet.RegisteredAt, pet.RegisteredBy))),
		Rows: rows(nil, first, d.ownersButtons(t, cardOfPet, id), back),
	}, nil
}

// petLines tell all that is known of a pet, a fact a line, the warning first.
func (d *Desk) petLines(ctx context.Context, t *chat.Turn, pet registry.PetCard) ([]chat.HTML, error) {
	species, err := d.speciesName(ctx, t, pet.SpeciesID)
	if err != nil {
		return nil, err
	}
	var lines []chat.HTML
	if pet.Alert != "" {
		lines = append(lines, t.Text("desk.pet.alert", chat.Args{"Alert": pet.Alert}))
	}
	lines = append(lines, t.Text("desk.pet.name", chat.Args{
		"Emoji": chat.HTML(d.emoji(ctx, pet.SpeciesID)), "Pet": pet.Name, "Code": chat.Code(pet.Code),
	}))
	if pet.Deceased() {
		lines = append(lines, t.Text("desk.pet.passed_away", chat.Args{"Day": chat.HTML(t.Day(pet.DeceasedOn))}))
	}
	about := []string{species}
	if pet.Sex != "" {
		about = append(about, t.Plain("desk.pet.sex."+string(pet.Sex)))
	}
	if pet.Neutered != "" {
		about = append(about, neutered(t.Locale, pet))
	}
	lines = append(lines, chat.HTML(strings.Join(about, t.Plain("list.comma"))))
	if birth := d.birthLine(t, pet); birth != "" {
		lines = append(lines, birth)
	}
	for _, field := range []string{
		registry.ChangedBreed, registry.ChangedColour, registry.ChangedWeight, registry.ChangedMicrochip,
	} {
		if value := pet.Field(field); value != "" {
			shown, err := d.fieldValue(ctx, t, field, value)
			if err != nil {
				return nil, err
			}
			lines = append(lines, t.Text("desk.pet.field", chat.Args{"Field": chat.HTML(fieldLabel(t.Locale, field)), "Value": shown}))
		}
	}
	if pet.Note != "" {
		lines = append(lines, t.Text("desk.card.note", chat.Args{"Note": pet.Note}))
	}
	return lines, nil
}

// birthLine tells the birthday and the age: today's, or the one the pet reached.
func (d *Desk) birthLine(t *chat.Turn, pet registry.PetCard) chat.HTML {
	on := d.today(t)
	if pet.Deceased() {
		on = pet.DeceasedOn
	}
	age, known := pet.Birth.Age(on)
	if !known {
		return ""
	}
	args := chat.Args{"Age": chat.HTML(ageInWords(t.Locale, age)), "Birth": chat.HTML(birthInWords(t.Locale, pet.Birth))}
	if pet.Birth.Precision == registry.PrecisionEstimate {
		return t.Text("desk.pet.age", args)
	}
	return t.Text("desk.pet.birth", args)
}

// birthInWords tells as much of a birthday as is known.
func birthInWords(locale chat.Locale, birth registry.Birth) string {
	switch birth.Precision {
	case registry.PrecisionDay:
		return locale.Day(birth.Date)
	case registry.PrecisionMonth:
		return locale.Month(birth.Date)
	case registry.PrecisionEstimate:
		return locale.Plain("age.about", chat.Args{"Age": chat.HTML(locale.Month(birth.Date))})
	}
	return strconv.Itoa(birth.Date.Year())
}

// neutered says in one word whether a pet is, as its sex asks for it.
func neutered(locale chat.Locale, pet registry.PetCard) string {
	key := "desk.pet.neutered." + string(pet.Neutered)
	if pet.Sex == registry.Female {
		key += "_female"
	}
	return locale.Plain(key)
}

// openPhoto sends a pet's photo below the card. The card itself stays text, so that it can always be edited in place.
func (d *Desk) openPhoto(ctx context.Context, t *chat.Turn, argument string) error {
	pet, err := d.petFrom(ctx, t, argument)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	if pet.PhotoFileID == "" {
		return t.Alert(ctx, t.Plain("desk.pet.no_photo"))
	}
	sent, err := t.SendPhoto(ctx, pet.PhotoFileID, t.Text("desk.pet.name", chat.Args{
		"Emoji": chat.HTML(d.emoji(ctx, pet.SpeciesID)), "Pet": pet.Name, "Code": chat.Code(pet.Code),
	}))
	if err != nil || sent {
		return err
	}
	return t.Alert(ctx, t.Plain("desk.pet.photo_gone"))
}

// since says from when on somebody is in the books, and who wrote them in.
func since(t *chat.Turn, at time.Time, by string) chat.HTML {
	args := chat.Args{"Day": chat.HTML(t.Day(at.In(t.Speaker.Member.Zone()))), "By": by}
	if by == "" {
		return t.Text("desk.card.since", args)
	}
	return t.Text("desk.card.since_by", args)
}

// rows puts rows of buttons together, those that are not empty.
func rows(first [][]chat.Button, then []chat.Button, others ...[]chat.Button) [][]chat.Button {
	all := first
	for _, row := range append([][]chat.Button{then}, others...) {
		if len(row) > 0 {
			all = append(all, row)
		}
	}
	return all
}

// shorten cuts a text to so many characters, the last of them an ellipsis.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }
