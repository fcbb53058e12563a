"""What a crowd posts from templates: texts much alike that say different things, and so must never be one story.

Each filling of a template with each other one is a pair. Half of them are short, as the crowd's are.
"""

# Kind of fact -> templates with their fillings. "{}" is where the fact stands.
TEMPLATES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "name": (
        ("Good luck to {} running the London Marathon today, we are all so proud of you and will be waiting at mile 23", ("Alice", "Alan", "Tom", "Tim", "Beth", "Seth", "Maria", "Mario", "Dan", "Jan", "Joan", "Joanne")),
        ("Go on {}! The whole family is on the sofa in Leeds with tea, biscuits and the worst nerves we have ever had", ("Charlotte", "Charlie", "Harriet", "Harry", "Ben", "Ken", "Sian", "Sean")),
        ("{} has just run past us on Tower Bridge and looked stronger than anybody else in the whole group of runners", ("Priya", "Pria", "Kipchoge", "Kipruto", "Sumgong", "Biwott")),
        ("Viel Glück an {} beim Marathon heute, wir stehen an der Strecke mit Glocken, Kuchen und einem riesigen Schild", ("Jana", "Jan", "Petra", "Peter", "Lena", "Lisa", "Martin", "Martina")),
        ("good luck to {} today, you have trained through rain and snow for this and we could not be any prouder of you", ("sarah", "sara", "jack", "jake", "emma", "anna", "nina", "tina")),
        ("Bon courage à {} pour le marathon, toute l'équipe du bureau te suit en direct avec du café et des croissants", ("Julie", "Julien", "Paul", "Paule", "Marc", "Marcel")),
        ("Mucha suerte a {} en la maratón de hoy, toda la familia está mirando desde casa con el corazón en la mano", ("Antonio", "Antonia", "Luis", "Luisa", "Carla", "Carlos")),
    ),
    "number": (
        ("Runner number {} has lost a shoe on the Embankment and is still smiling, somebody please give that man a medal", ("4512", "4521", "451", "45120", "12")),
        ("{} miles done and my legs have stopped answering the telephone, but the crowd is carrying all of us along now", ("Ten", "Twelve", "Twenty", "10", "12", "20", "22")),
        ("We have raised £{} for the children's hospice so far, thank you so much to everybody who has given something", ("1,250", "1,520", "12,500", "250", "125")),
        ("{} people have crossed the finish line on The Mall so far, says the official tracker of the race this afternoon", ("12,000", "12,500", "20,000", "2,000")),
        ("Wave {} is on its way over the start line in Greenwich, a sea of bin bags and old jumpers flying into the hedges", ("2", "3", "12", "23")),
    ),
    "time": (
        ("The road outside the station reopens at {}, please use the side streets until then and mind the barriers", ("14:30", "15:30", "14.45", "4pm", "5pm")),
        ("Meet us at {} under the big tree near the finish in St James's Park, we have cake and a blanket and dry socks", ("3pm", "4pm", "half three", "half four", "noon")),
        ("The elite women start at {} and the mass race follows, says the organiser; get to your pens in good time", ("9:15", "9:25", "9:45", "10:00")),
    ),
    "place": (
        ("So much noise in {} this morning, the whole street is out with drums and pans and somebody brought a trombone", ("Greenwich", "Woolwich", "Deptford", "Bermondsey", "Poplar", "Canary Wharf")),
        ("A medical team is treating a runner near {}, the race goes on around them and the crowd is giving them space", ("Cutty Sark", "Tower Bridge", "Tower Hill", "Big Ben", "Blackfriars")),
        ("Supporters should avoid {} station, it is very crowded, and walk along the river to the next one instead please", ("Westminster", "Embankment", "Maze Hill", "Cannon Street", "Mudchute")),
        ("Die Stimmung in {} ist unglaublich, überall Trommeln und Kinder mit Schildern, so einen Lauf gab es noch nie", ("Köln", "Ulm", "Hamburg", "Homburg", "Marburg", "Magdeburg")),
    ),
    "team": (
        ("Huge cheer for the {} club as their last runner goes over the bridge, twelve purple vests all holding hands", ("Serpentine", "Heathside", "Belgrave", "Blackheath")),
        ("Come on {}! Forty of us in orange shirts on the corner by the pub, come and say hello when you run past", ("Harriers", "Striders", "Runners", "Joggers")),
    ),
    "weekday": (
        ("See you all on {} at the expo, we will be on the stand near the entrance with free tape and good advice for feet", ("Wednesday", "Thursday", "Friday", "Saturday", "Sunday")),
        ("La remise des dossards a lieu {} toute la journée au palais des congrès, pensez à votre pièce d'identité", ("jeudi", "vendredi", "samedi", "dimanche")),
        ("Am {} findet der nächste Lauftreff im Park statt, wir laufen langsam und reden viel, jeder ist willkommen", ("Montag", "Dienstag", "Donnerstag", "Freitag")),
    ),
    "negation": (
        ("The organisers say that the race {} be stopped because of the heat, there is water on each mile for everybody", ("will", "will not", "won't", "may")),
        ("Police say the man who was taken from the course {} been hurt and is talking to the medical team right now", ("has", "has not", "hasn't")),
        ("I {} run this race again, whatever my friends say when they see the photos of me at mile twenty-two today", ("will", "will never", "can", "can't")),
        ("Wir haben {} gesehen, dass jemand auf der Brücke stehen geblieben ist, die Stimmung war überall fantastisch", ("oft", "nicht", "nie")),
        ("Les organisateurs disent que la course {} annulée à cause de la chaleur, des points d'eau sont ajoutés partout", ("est", "n'est pas", "sera", "ne sera pas")),
        ("La organización dice que la carrera {} se suspende por el calor y que habrá más agua en todos los puestos", ("sí", "no", "nunca")),
    ),
    "relation": (
        ("Good luck to my {} who is running a first marathon today in memory of our grandad, we love you and are so proud", ("sister", "brother", "mother", "father", "mum", "dad", "wife", "niece", "cousin", "son", "nan")),
        ("Mucha suerte a mi {} que corre hoy su primera maratón en memoria del abuelo, todos te queremos muchísimo", ("hermano", "hermana", "primo", "prima", "tío", "tía", "hijo", "hija", "novio", "novia")),
        ("In bocca al lupo a mio {} che corre oggi la sua prima maratona, siamo tutti davanti alla televisione a tifare", ("zio", "figlio", "nonno", "cugino", "marito", "papà")),
    ),
    "score": (
        ("It finished {} in the friendly before the race, and both teams went straight to the start line in their kit", ("2-1", "1-2", "3-1", "2-2", "21")),
        ("Table football at the charity tent: the nurses beat the doctors {} and want a rematch before the last runner", ("10-8", "10-6", "8-10", "10-9")),
    ),
    "split": (
        ("She is through the {} split in good shape and smiling, the tracker says she is on course for a personal best", ("10K", "20K", "15K", "30K", "half", "25K")),
        ("{} gone for the fire engine, four friends in a cardboard box, and the wheels are still on it, just about", ("5K", "10K", "Five miles", "Ten miles")),
    ),
    "finish": (
        ("And he has done it! {} on the clock, a kiss for the medal and straight into the arms of his mum at the barrier", ("3:59:58", "3:58:59", "4:59:58", "4:00:01")),
        ("The {} pacer has just gone past with a long tail of happy people behind the flag, they all look quite all right", ("4:00", "4:30", "3:45", "5:00", "sub 4")),
        ("Officially a marathon runner: {}, no walking, no crying (some crying), thank you London and every stranger", ("4h12m", "4h21m", "5h12m", "4h12")),
    ),
    "weather": (
        ("It is {} at the start in Greenwich Park and everyone looks happy enough, the official forecast has no change", ("raining", "snowing", "sunny", "cold", "warm", "dry", "windy")),
        ("Forecast for the afternoon on the course: {} with a light wind from the west, the organisers say wear a cap", ("rain", "sun", "hail", "fog", "cloud")),
        ("{} degrees on Blackheath already, drink before you are thirsty and pour the rest of it over your heads", ("12", "21", "18", "8")),
    ),
    "sign": (
        ("The race will start at {} degrees, so wear gloves and a hat until you get going, dear runners of the city", ("3", "-3", "-13")),
        ("Change since last year: {} runners from abroad, which the organisers say is what they had wanted", ("+5%", "-5%", "−15%")),
        ("Price of the ticket for the finish is {} and you can get it at the kiosk next to the station", ("€15", "£15", "$15", "15 ¥")),
    ),
    "opposite": (
        ("The {} lane of the tunnel is closed until further notice, please use the ferry instead", ("northbound", "southbound")),
        ("Medics treated the {} runner near the bridge and he was taken to hospital this morning", ("conscious", "unconscious")),
        ("The {} gate of the park is closed, please walk round to the other side of the lake today", ("eastern", "western")),
        ("The course record is {} after the judges have looked at the tape of the start once more", ("official", "unofficial")),
        ("The claim of the runner from Leeds about the short course is {}, the race director tells us", ("true", "untrue")),
        ("It is {} to park along the course this morning, the council says in its letter to everybody", ("legal", "illegal")),
        ("The runner was found {} to continue after the doctors had looked at her at the medical tent", ("able", "unable")),
        ("The winner of the wheelchair race is from {} and has trained for it the whole long winter", ("Austria", "Australia")),
        ("The result is {} by the jury of the race, says the official board next to the finish", ("valid", "invalid")),
    ),
    "product": (
        ("Run your best race with {} and save twenty percent this weekend only, the offer ends when the last runner is in", ("ActiveGel", "HydraMax", "FootJoy Pro", "EnergyBar One", "SoftSole")),
        ("Follow us and share this post to win a pair of {}, the winner is drawn when the last runner has come home", ("CloudShoes", "SpeedSocks", "AirLaces", "GoGloves")),
    ),
    "verdict": (
        ("The photo finish has been {} by the judges and the result of the wheelchair race stands as it was announced", ("confirmed", "rejected", "reviewed", "ignored")),
        ("The hill at mile six goes {} for longer than the map says, be careful and do not let your legs run away there", ("up", "down")),
        ("He {} the sprint on The Mall by the width of a vest and lay down on the tarmac laughing for a whole minute", ("won", "lost", "missed", "led")),
        ("Water station at mile 17 is {} again, volunteers are waving runners through to the next tables on the left", ("open", "closed", "full", "empty")),
    ),
}  # fmt: skip

# What a text is told again with, and what happened then: news in plain words, without a name, a number or a date.
SENTENCES = (
    ("The police say that the man was arrested at the finish after he had run on to the course", (". He has died in hospital", ". The race is cancelled", ". It was a hoax", " (retracted)", ". UPDATE: this is false, he is a steward", ". Correction: he was a steward", "; the course is closed, go home", ". he is dead", ". He was cleared of all charges", " - the race has been stopped", ". Please stay away from the finish")),
    ("Kipchoge wins the men's race in London and waves to the huge crowd along the whole of the Mall", (". He is disqualified", ". Disqualified for doping afterwards", " before collapsing and being taken to hospital", " and announces the end of his career", ". Result annulled")),
    ("Die Polizei sagt, dass der Mann im Ziel festgenommen wurde, nachdem er auf die Strecke gelaufen war", (". Er ist tot", ". Das war eine Falschmeldung", ". Das Rennen ist abgebrochen", ". Das Rennen wurde gestoppt", ". Er ist wieder frei")),
    ("La police dit que l'homme a été arrêté à l'arrivée après avoir couru sur le parcours de la course", (". Il est mort", ". La course est annulée", ". C'est faux", ". Il a été libéré", ", course interrompue")),
    ("La policía dice que el hombre fue detenido en la meta después de correr por el recorrido de la carrera", (". Ha muerto", ". Era un bulo", ". Carrera suspendida", ". Ya está libre")),
    ("警察によると、男はコースに入ったあとゴール付近で取り押さえられ、けが人は出ていないということです", ("。男は死亡しました", "。レースは中止", "。うそでした", "。のちに釈放")),
)  # fmt: skip

# A text, and what more the same text says a minute later: an update, never a copy.
ADDED = (
    ("The elite men's race has been won after a sprint on The Mall that had the whole crowd on its feet", " in 2:03:05"),
    ("A runner has been taken to hospital from the course near the river after he fell at a drinks table", ". He is 41"),
    ("The men's wheelchair race was decided by the width of a wheel in front of a full grandstand", ", Hug wins"),
    ("The road outside the station is closed for the race, use the side streets and mind the barriers", " until Monday"),
    ("The tracker of the race is not working for many people who are looking for friends and family", ", back at 15:00"),
    ("The organisers are looking into the reports of a missing water station on the course", " at mile nine"),
    ("Das Rennen der Frauen ist entschieden, die Siegerin liegt auf dem Asphalt und lacht", ", ihre Zeit: 2:22:58"),
    ("The start of the mass race has been put back a little because of late trains from the city", ", now 10:15"),
    ("The rhino has stopped for a rest on the grass and is being fed jelly babies by a steward", ", only two miles to go"),
    ("La course des femmes vient de se terminer au sprint devant une foule en délire sur le Mall", ", victoire de Sumgong"),
)  # fmt: skip
