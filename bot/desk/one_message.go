package desk

import (
	"context"
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/internal/dialog"
	"vetalyze/internal/registry"
)

// fillFromMessage reads a registration written in one message into answers. It
// returns a remark for each part that was not understood; the form asks for what
// is missing.
func (d *Desk) fillFromMessage(ctx context.Context, t *chat.Turn, answers dialog.Answers, typed string) (remarks []chat.HTML, err error) {
	reader, err := d.reader(ctx, t)
	if err != nil {
		return nil, err
	}
	understood := reader.ReadOneLine(typed)
	if understood.Name != "" {
		answers.Item[fieldName] = understood.Name
	}
	if understood.Phone != "" {
		answers.Item[fieldPhone] = understood.Phone
	}
	if understood.SecondPhone != "" {
		answers.Item[fieldSecondPhone] = understood.SecondPhone
	}
	unread := understood.Unread
	for _, pet := range understood.Pets {
		unread = append(unread, pet.Unread...)
		item := dialog.Item{}
		keepPet(item, pet)
		answers.Lists[fieldPets] = append(answers.Lists[fieldPets], item)
	}
	remarks = remarksOn(t, unread)
	if understood.SecondPhone != "" {
		known, err := d.remarkOnSecondPhone(ctx, t, understood.SecondPhone)
		if err != nil {
			return nil, err
		}
		if known != "" {
			remarks = append(remarks, known)
		}
	}
	return remarks, nil
}

// reader reads what is typed at the speaker's clinic today.
func (d *Desk) reader(ctx context.Context, t *chat.Turn) (registry.Reader, error) {
	species, err := d.reference.Species(ctx)
	if err != nil {
		return registry.Reader{}, err
	}
	return registry.Reader{Country: country(t), Species: species.Find, Today: d.today(t)}, nil
}

// A message may have any number of parts that were not taken: so many are told,
// and so many characters of each.
const (
	maxRemarks = 5
	quoted     = 60
)

// remarksOn tells of each part of a message that was not taken, and why.
func remarksOn(t *chat.Turn, unread []registry.Unread) []chat.HTML {
	var remarks []chat.HTML
	for _, part := range unread[:min(maxRemarks, len(unread))] {
		remarks = append(remarks, t.Text("desk.register.not_understood", chat.Args{
			"Part": chat.Shorten(part.Text, quoted), "Reason": t.Text(fields.Reason(part.Why)),
		}))
	}
	return remarks
}

// keepPet keeps what a line said about a pet. Whoever named the species and no
// age does not know it, or will say so on the summary: it is not asked, unless
// something was said that could not be read.
func keepPet(item dialog.Item, pet registry.PetLine) {
	if pet.Name != "" {
		item[fieldName] = pet.Name
	}
	if pet.SpeciesID != 0 {
		item[fieldSpecies] = strconv.Itoa(pet.SpeciesID)
	}
	if pet.BirthSaid || (pet.SpeciesID != 0 && len(pet.Unread) == 0) {
		item[fieldBirth] = keptBirth(pet.Birth)
	}
}

// fill puts what one message said into the answers of an open dialog.
func fill(answers, from dialog.Answers) {
	for field, answer := range from.Item {
		answers.Item[field] = answer
	}
	if len(from.Lists[fieldPets]) > 0 {
		answers.Lists[fieldPets] = from.Lists[fieldPets]
	}
}
