package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/registry"
)

// keptQuery is what was typed to find the owner a pet moves to, while there are several.
const keptQuery = "query"

// changeFields are the questions of a change, of which one is asked.
func (d *Desk) changeFields() []form.Field {
	return []form.Field{
		{Name: registry.ChangedName, Accept: acceptNewName, AcceptContact: acceptContactsName},
		{Name: registry.ChangedPhone, Accept: d.acceptNewPhone, AcceptContact: d.acceptNewContact},
		{Name: registry.ChangedSecondPhone, Choices: clearing(nil), Accept: d.acceptNewPhone, AcceptContact: d.acceptNewContact},
		{Name: registry.ChangedChannel, Choices: clearing(d.channelChoices)},
		{Name: registry.ChangedSpecies, Columns: 3, Choices: d.speciesChoices, Accept: d.acceptSpecies},
		{Name: registry.ChangedBirth, Choices: clearing(nil), Accept: d.acceptBirth},
		{Name: registry.ChangedSex, Choices: clearing(words(registry.ChangedSex, registry.Male, registry.Female))},
		{Name: registry.ChangedNeutered, Choices: clearing(words(registry.ChangedNeutered, registry.IsNeutered, registry.NotNeutered))},
		typed(registry.ChangedBreed, registry.ParseBreed),
		typed(registry.ChangedColour, registry.ParseColour),
		{Name: registry.ChangedMicrochip, Choices: clearing(nil), Accept: d.acceptMicrochip},
		typed(registry.ChangedWeight, func(text string) (string, error) {
			grams, err := registry.ParseWeight(text)
			return strconv.Itoa(grams), err
		}),
		typed(registry.ChangedAlert, registry.ParseAlert),
		typed(registry.ChangedNote, registry.ParseNote),
		{Name: registry.ChangedPhoto, Choices: clearing(nil), AcceptPhoto: acceptPhoto},
		{Name: registry.ChangedDeceased, Choices: d.dayChoices, Accept: d.acceptDay},
		{Name: changeMove, Columns: 1, Choices: d.foundOwners, Accept: d.acceptReceiver, Choose: d.chooseReceiver, Show: d.showOwner},
	}
}

// typed asks for words that may be left empty.
func typed(name string, parse func(string) (string, error)) form.Field {
	return form.Field{Name: name, Choices: clearing(nil), Accept: func(_ context.Context, s form.Step, typed string) error {
		value, err := parse(typed)
		return take(s, value, err)
	}}
}

// take keeps the answer to the question that is asked, or says why not.
func take(s form.Step, value string, err error) error {
	if err != nil {
		return refusal(err)
	}
	s.Item[s.Item[keptField]] = value
	delete(s.Item, keptWarning)
	delete(s.Item, fieldSure)
	return nil
}

type choices = func(ctx context.Context, s form.Step) ([]form.Choice, error)

// clearing offers to leave a field empty that is not, after other choices, if any.
func clearing(others choices) choices {
	return func(ctx context.Context, s form.Step) (offered []form.Choice, err error) {
		if others != nil {
			if offered, err = others(ctx, s); err != nil {
				return nil, err
			}
		}
		if s.Item[fieldWas] != "" {
			offered = append(offered, form.Choice{Label: s.Plain("desk.change.clear")})
		}
		return offered, nil
	}
}

// words offers a field's few values.
func words[V ~string](field string, values ...V) choices {
	return func(_ context.Context, s form.Step) (offered []form.Choice, err error) {
		for _, value := range values {
			offered = append(offered, form.Choice{Value: string(value), Label: s.Plain("desk.pet." + field + "." + string(value))})
		}
		return offered, nil
	}
}

func acceptNewName(_ context.Context, s form.Step, typed string) error {
	parse := registry.ParseName
	if s.Item[keptKind] == cardOfPet {
		parse = registry.ParsePetName
	}
	name, err := parse(typed)
	return take(s, name, err)
}

// acceptContactsName takes the name of a shared contact, not the phone that comes with it.
func acceptContactsName(ctx context.Context, s form.Step, contact *models.Contact) error {
	return acceptNewName(ctx, s, strings.TrimSpace(contact.FirstName+" "+contact.LastName))
}

func (d *Desk) acceptNewPhone(ctx context.Context, s form.Step, typed string) error {
	phone, err := registry.ParsePhone(typed, country(s.Turn))
	return d.takePhone(ctx, s, phone, err)
}

func (d *Desk) acceptNewContact(ctx context.Context, s form.Step, contact *models.Contact) error {
	phone, _, err := registry.ParseContact(registry.Contact{
		FirstName: contact.FirstName, LastName: contact.LastName, Phone: contact.PhoneNumber,
	}, country(s.Turn))
	return d.takePhone(ctx, s, phone, err)
}

// takePhone keeps a phone. One that this owner has already is refused; one that another has is said, as families share
// phones.
func (d *Desk) takePhone(ctx context.Context, s form.Step, phone string, err error) error {
	if err != nil {
		return refusal(err)
	}
	known, err := d.registry.OwnersByPhone(ctx, *s.Speaker.Member, phone)
	if err != nil {
		return err
	}
	var others []string
	for _, owner := range known {
		if decimal(owner.ID) != s.Item[keptID] {
			others = append(others, s.Plain("desk.find.hit", chat.Args{"Owner": owner.Name, "Pets": petNames(s.Locale, owner)}))
			continue
		}
		other := owner.Phone
		if s.Item[keptField] == registry.ChangedPhone {
			other = owner.SecondPhone
		}
		if other == phone {
			return form.Refuse("desk.change.phone.same", nil)
		}
	}
	if err := take(s, phone, nil); err != nil || len(others) == 0 {
		return err
	}
	s.Item[keptWarning] = s.Plain("desk.change.phone.known", chat.Args{"Owners": chat.HTML(strings.Join(others, "\n"))})
	return nil
}

// acceptMicrochip takes a chip. Where another pet of the clinic has it, one of them is mistaken, and it is said.
func (d *Desk) acceptMicrochip(ctx context.Context, s form.Step, typed string) error {
	chip, err := registry.ParseMicrochip(typed)
	if err != nil {
		return refusal(err)
	}
	petID, _ := strconv.ParseInt(s.Item[keptID], 10, 64)
	others, err := d.registry.PetsByMicrochip(ctx, *s.Speaker.Member, chip, petID)
	if err != nil {
		return err
	}
	if err := take(s, chip, nil); err != nil || len(others) == 0 {
		return err
	}
	var names []string
	for _, pet := range others {
		names = append(names, s.Plain("desk.change.microchip.pet", chat.Args{"Pet": pet.Name, "Owner": pet.OwnerName}))
	}
	s.Item[keptWarning] = s.Plain("desk.change.microchip.known", chat.Args{"Pets": chat.HTML(strings.Join(names, "\n"))})
	return nil
}

func acceptPhoto(_ context.Context, s form.Step, fileID string) error { return take(s, fileID, nil) }

// dayChoices offers the days on which most deaths are told, and to take one back that was not.
func (d *Desk) dayChoices(_ context.Context, s form.Step) ([]form.Choice, error) {
	today := d.today(s.Turn)
	offered := []form.Choice{
		{Value: today.Format(time.DateOnly), Label: s.Plain("desk.change.deceased.today")},
		{Value: today.AddDate(0, 0, -1).Format(time.DateOnly), Label: s.Plain("desk.change.deceased.yesterday")},
	}
	if s.Item[fieldWas] != "" {
		offered = append(offered, form.Choice{Label: s.Plain("desk.change.deceased.alive")})
	}
	return offered, nil
}

func (d *Desk) acceptDay(_ context.Context, s form.Step, typed string) error {
	day, err := registry.ParseDay(typed, d.today(s.Turn))
	return take(s, day.Format(time.DateOnly), err)
}

// acceptReceiver looks for the owner a pet is to move to, as a search does. Of several the person chooses.
func (d *Desk) acceptReceiver(ctx context.Context, s form.Step, typed string) error {
	found, err := d.registry.Search(ctx, *s.Speaker.Member, typed, registry.Mark{})
	switch {
	case err != nil:
		return refusal(err)
	case len(found.Hits) == 0:
		delete(s.Item, keptQuery)
		return form.Refuse("desk.change.owner.nobody", nil)
	case len(found.Hits) == 1 && !found.Near():
		return d.chooseReceiver(ctx, s, decimal(found.Hits[0].ID))
	case found.Total > len(found.Hits):
		s.Remark(s.Text("desk.change.owner.first_of_many"))
	}
	s.Item[keptQuery] = typed
	return nil
}

// foundOwners offers the first of those found.
func (d *Desk) foundOwners(ctx context.Context, s form.Step) ([]form.Choice, error) {
	typed := s.Item[keptQuery]
	if typed == "" {
		return nil, nil
	}
	found, err := d.registry.Search(ctx, *s.Speaker.Member, typed, registry.Mark{})
	if err != nil {
		return nil, err
	}
	var offered []form.Choice
	for _, hit := range found.Hits {
		offered = append(offered, form.Choice{Value: decimal(hit.ID), Label: hitLine(s.Turn, typed, hit)})
	}
	return offered, nil
}

// chooseReceiver takes the owner a pet moves to, and has it confirmed in full: a pet is easily given to the wrong Ahmed.
func (d *Desk) chooseReceiver(ctx context.Context, s form.Step, id string) error {
	receiver, err := d.ownerFrom(ctx, s.Turn, id)
	if err != nil {
		return refusal(err)
	}
	pet, err := d.petFrom(ctx, s.Turn, s.Item[keptID])
	if err != nil {
		return refusal(err)
	}
	if pet.Owner.ID == receiver.ID {
		return form.Refuse("desk.change.owner.same", nil)
	}
	if err := take(s, id, nil); err != nil {
		return err
	}
	delete(s.Item, keptQuery)
	s.Item[keptWarning] = s.Plain("desk.change.owner.moves", chat.Args{
		"Pet": pet.Name, "Owner": receiver.Name, "Phone": registry.ShowPhone(receiver.Phone, country(s.Turn)),
	})
	return nil
}
