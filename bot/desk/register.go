package desk

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-telegram/bot/models"

	"vetalyze/bot/chat"
	"vetalyze/bot/fields"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// The fields of the registration, as their answers are kept.
const (
	fieldOwner       = "owner" // the id of a known owner whom the pets are added to
	fieldName        = "name"
	fieldPhone       = "phone"
	fieldKnown       = "known"
	fieldSecondPhone = "second_phone"
	fieldChannel     = "channel"
	fieldPets        = "pets"
	fieldSpecies     = "species"
	fieldBirth       = "birth"
)

// A contact answers both the name and the phone, whichever of them is asked.
var (
	ownerPerson = fields.Person(fieldName, fieldPhone, fields.OfClinic)
	ownerPhone  = fields.Phone(fieldPhone, fieldName, fields.OfClinic)
	secondPhone = fields.Phone(fieldSecondPhone, "", fields.OfClinic)
)

// registration is the conversation that registers an owner with pets, or adds
// pets to an owner who is known.
func (d *Desk) registration() *form.Form {
	return &form.Form{
		Name: "register", Texts: "desk.register", Title: registrationTitle, Right: staff.RightWriteRegistry,
		Fields: []form.Field{
			{Name: fieldOwner, Fixed: true, Show: d.showOwner},
			{Name: fieldName, Applies: isNewOwner, Accept: d.acceptName, AcceptContact: acceptPerson},
			{Name: fieldPhone, Applies: isNewOwner, Accept: acceptPhone, AcceptContact: acceptContact, Show: ownerPhone.Show},
			{Name: fieldKnown, Applies: d.phoneIsKnown, Hidden: true, Columns: 1, Args: d.listKnown, Choices: d.knownChoices, Choose: d.chooseKnown},
			{Name: fieldSecondPhone, Applies: isNewOwner, Later: true, Skippable: true, Accept: d.acceptSecondPhone, AcceptContact: d.acceptSecondContact, Show: secondPhone.Show},
			{Name: fieldChannel, Applies: isNewOwner, Later: true, Skippable: true, Choices: d.channelChoices, Show: d.showChannel},
			{Name: fieldPets, List: &form.List{Min: 1, Max: registry.MaxPets, Line: d.petLine, Fields: []form.Field{
				{Name: fieldName, Accept: d.acceptPet},
				{Name: fieldSpecies, Columns: 3, Args: petName, Choices: d.speciesChoices, Accept: d.acceptSpecies, Show: d.showSpecies},
				{Name: fieldBirth, Skippable: true, Args: petName, Accept: d.acceptBirth, Show: d.showBirth},
			}}},
		},
		Save: d.saveRegistration,
	}
}

// openRegistration begins the form, with whatever was written after the command.
func (d *Desk) openRegistration(ctx context.Context, t *chat.Turn, argument string) error {
	answers := dialog.NewAnswers()
	if argument == "" {
		return d.forms.Begin(ctx, t, "register", answers)
	}
	notices, err := d.fillFromMessage(ctx, t, answers, argument)
	if err != nil {
		return err
	}
	return d.forms.Begin(ctx, t, "register", answers, notices...)
}

// openAddPet begins the form for one more pet of a known owner.
func (d *Desk) openAddPet(ctx context.Context, t *chat.Turn, argument string) error {
	owner, err := d.ownerFrom(ctx, t, argument)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	answers := dialog.NewAnswers()
	answers.Item[fieldOwner] = strconv.FormatInt(owner.ID, 10)
	return d.forms.Begin(ctx, t, "register", answers)
}

// saveRegistration registers what the summary shows, once per key.
func (d *Desk) saveRegistration(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	pets, err := newPets(t, d, answers)
	if err != nil {
		return chat.Screen{}, err
	}
	if typed := answers.Item[fieldOwner]; typed != "" {
		ownerID, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			return chat.Screen{}, err
		}
		owner, err := d.registry.AddPets(ctx, *t.Speaker.Member, ownerID, key, pets)
		if err != nil {
			return chat.Screen{}, refusal(err)
		}
		return d.card(ctx, t, owner, t.Text("desk.register.pets_saved", chat.Args{"Count": len(pets)}))
	}
	channelID, _ := strconv.Atoi(answers.Item[fieldChannel])
	owner, err := d.registry.Register(ctx, *t.Speaker.Member, registry.Registration{
		Key:         key,
		Name:        answers.Item[fieldName],
		Phone:       answers.Item[fieldPhone],
		SecondPhone: answers.Item[fieldSecondPhone],
		ChannelID:   channelID,
		Pets:        pets,
	})
	if err != nil {
		return chat.Screen{}, refusal(err)
	}
	return d.card(ctx, t, owner, t.Text("desk.register.saved"))
}

func newPets(t *chat.Turn, d *Desk, answers dialog.Answers) ([]registry.NewPet, error) {
	var pets []registry.NewPet
	for _, item := range answers.Lists[fieldPets] {
		speciesID, err := strconv.Atoi(item[fieldSpecies])
		if err != nil {
			return nil, err
		}
		pet := registry.NewPet{Name: item[fieldName], SpeciesID: speciesID}
		if typed := item[fieldBirth]; typed != "" {
			if pet.Birth, err = registry.ParseBirth(typed, d.today(t)); err != nil {
				return nil, refusal(err)
			}
		}
		pets = append(pets, pet)
	}
	return pets, nil
}

func registrationTitle(answers dialog.Answers) string {
	if answers.Item[fieldOwner] != "" {
		return "title_pets"
	}
	return "title"
}

// isNewOwner tells the questions about an owner from those that add pets to a
// known one.
func isNewOwner(_ context.Context, s form.Step) (bool, error) {
	return s.Answers.Item[fieldOwner] == "", nil
}

// acceptName takes the owner's name, or the whole registration in one message.
func (d *Desk) acceptName(ctx context.Context, s form.Step, typed string) error {
	_, phoned := s.Item[fieldPhone]
	if !phoned && saysMore(typed) {
		whole := dialog.NewAnswers()
		remarks, err := d.fillFromMessage(ctx, s.Turn, whole, typed)
		if err != nil {
			return err
		}
		if whole.Item[fieldName] != "" {
			fill(s.Answers, whole)
			for _, remark := range remarks {
				s.Remark(remark)
			}
			return nil
		}
	}
	name, err := registry.ParseName(typed)
	if err != nil {
		return refusal(err)
	}
	s.Item[fieldName] = name
	return nil
}

// saysMore says whether there is more in a message than a name: parts, or digits
// enough for a phone.
func saysMore(typed string) bool {
	digits := 0
	for _, r := range typed {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 5 || strings.ContainsAny(typed, ",;\n،؛")
}

// acceptPhone takes the owner's phone, typed or shared.
func acceptPhone(ctx context.Context, s form.Step, typed string) error {
	before := s.Item[fieldPhone]
	return changed(s, before, ownerPhone.Accept(ctx, s, typed))
}

// acceptContact takes the phone of a shared contact, and its name if that is
// still to be asked.
func acceptContact(ctx context.Context, s form.Step, contact *models.Contact) error {
	before := s.Item[fieldPhone]
	return changed(s, before, ownerPhone.AcceptContact(ctx, s, contact))
}

// acceptPerson takes both the name and the phone of a shared contact.
func acceptPerson(ctx context.Context, s form.Step, contact *models.Contact) error {
	before := s.Item[fieldPhone]
	return changed(s, before, ownerPerson(ctx, s, contact))
}

// changed follows a new phone up: whether it is known has to be asked, and it
// cannot be the second one as well.
func changed(s form.Step, before string, err error) error {
	if err != nil || s.Item[fieldPhone] == before {
		return err
	}
	delete(s.Item, fieldKnown)
	if s.Item[fieldSecondPhone] == s.Item[fieldPhone] {
		delete(s.Item, fieldSecondPhone)
		s.Remark(s.Text("desk.register.second_phone.was_same"))
	}
	return nil
}

func (d *Desk) acceptSecondPhone(ctx context.Context, s form.Step, typed string) error {
	before := s.Item[fieldSecondPhone]
	return d.another(ctx, s, before, secondPhone.Accept(ctx, s, typed))
}

func (d *Desk) acceptSecondContact(ctx context.Context, s form.Step, contact *models.Contact) error {
	before := s.Item[fieldSecondPhone]
	return d.another(ctx, s, before, secondPhone.AcceptContact(ctx, s, contact))
}

// another puts the second phone back as it was when the first one is given again, and remarks on one that is known.
func (d *Desk) another(ctx context.Context, s form.Step, before string, err error) error {
	if err != nil {
		return err
	}
	if s.Item[fieldSecondPhone] != s.Item[fieldPhone] {
		remark, err := d.remarkOnSecondPhone(ctx, s.Turn, s.Item[fieldSecondPhone])
		if remark != "" {
			s.Remark(remark)
		}
		return err
	}
	delete(s.Item, fieldSecondPhone)
	if before != "" {
		s.Item[fieldSecondPhone] = before
	}
	return form.Refuse("desk.register.second_phone.same", nil)
}

// acceptPet takes a pet's name, or all about it in one line: "Rex dog 2y". With
// the species in the line, a missing age counts as unknown and is not asked.
func (d *Desk) acceptPet(ctx context.Context, s form.Step, typed string) error {
	reader, err := d.reader(ctx, s.Turn)
	if err != nil {
		return err
	}
	pet := reader.ReadPet(typed)
	if pet.Name == "" {
		return nameless(pet)
	}
	keepPet(s.Item, pet)
	for _, remark := range remarksOn(s.Turn, pet.Unread) {
		s.Remark(remark)
	}
	return nil
}

// nameless refuses a line without a name, for the reason the reader gave.
func nameless(pet registry.PetLine) error {
	if len(pet.Unread) > 0 {
		return fields.Refusal(pet.Unread[0].Why)
	}
	return fields.Refusal(registry.Invalid{Field: registry.FieldPetName, Reason: registry.ReasonEmpty})
}

func (d *Desk) acceptSpecies(ctx context.Context, s form.Step, typed string) error {
	species, err := d.reference.Species(ctx)
	if err != nil {
		return err
	}
	id, ok := species.Find(typed)
	if !ok {
		return form.Refuse("form.choose_button", nil)
	}
	s.Item[fieldSpecies] = strconv.Itoa(id)
	return nil
}

func (d *Desk) acceptBirth(_ context.Context, s form.Step, typed string) error {
	birth, err := registry.ParseBirth(typed, d.today(s.Turn))
	if err != nil {
		return refusal(err)
	}
	s.Item[fieldBirth] = keptBirth(birth)
	return nil
}

func keptBirth(birth registry.Birth) string {
	if !birth.Known() {
		return ""
	}
	return birth.String()
}

// refusal turns what the registry will not take into words; other errors stay.
func refusal(err error) error {
	if errors.Is(err, registry.ErrNotFound) {
		return form.Refuse("desk.not_found", nil)
	}
	return fields.Refusal(err)
}
