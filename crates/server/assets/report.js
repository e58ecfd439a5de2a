// What the pages of a report do beyond HTML.
"use strict";
