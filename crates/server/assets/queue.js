// What the desk does beyond HTML: the queue and a case's page bring themselves up to date.
"use strict";
