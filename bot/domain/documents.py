"""The five documents that answers rest on: titles and headings, as they write them.

The texts themselves are their authors'; only what is needed to name a source
is kept here. The untitled article has a descriptive title.
"""

from __future__ import annotations

from collections.abc import Mapping

DOCUMENTS: Mapping[str, frozenset[str]] = {
    "How to Maximize the Benefits of Ketamine Therapy: A Comprehensive Guide": frozenset(
        {
            "Introduction",
            "Understand The Process Of Ketamine Therapy",
            "What To Expect During A Ketamine Therapy Session?",
            "How To Prepare For A Ketamine Therapy Session?",
            "What Are The Different Types Of Ketamine Therapy?",
            "What Are The Side Effects Of Ketamine Therapy?",
            "Factors To Consider Before Starting Ketamine Therapy",
            "Medical History And Current Health Conditions",
            "Mental Health Conditions",
            "Lifestyle Changes To Make Before Starting Therapy",
            "Introduction to Ketamine Clinic Treatment",
            "How To Prepare Mentally For Ketamine Therapy",
            "Managing Expectations",
            "Addressing Anxiety And Fear",
            "Coping Strategies During The Session",
            "Building A Support System",
            "How To Get The Most Out Of Ketamine Therapy",
            "Choosing The Right Provider For Your Needs",
            "Setting Realistic Goals And Tracking Progress",
            "Creating A Self-Care Routine",
            "Incorporating Lifestyle Changes To Support Therapy",
            "Developing A Long-Term Treatment Plan",
            "Frequently Asked Questions Of How To Get The Most Out Of Ketamine Therapy",
            "What Is Ketamine Therapy Used For?",
            "How Long Does Ketamine Therapy Last?",
            "Is Ketamine Therapy Safe?",
            "What Should I Expect During A Ketamine Infusion?",
            "Will I Feel Any Side Effects From Ketamine Therapy?",
        }
    ),
    "Things to know as a new ketamine therapy patient (untitled article)": frozenset(
        {
            "Introduction",
            "Understanding Ketamine Therapy Basics",
            "Preparing for a Ketamine Session",
            "Experiencing a Ketamine Session",
            "Integrating Your Ketamine Experience",
            "Find a Reliable Behavioral Health Clinic",
        }
    ),
    "What To Know Before Your First Ketamine Infusion Therapy Session": frozenset(
        {
            "Introduction",
            "What is Ketamine?",
            "How Does Ketamine Infusion Therapy Work?",
            "What to Expect During Your Ketamine Infusion Therapy Session",
            "What to Expect After Your Ketamine Infusion Therapy Session",
            "When Does Ketamine Therapy Begin To Work?",
            "The Takeaway",
        }
    ),
    "Ketamine Therapy: What You Need to Know Before Your First Session": frozenset(
        {
            "Introduction",
            "Understanding Ketamine Therapy",
            "What is Ketamine?",
            "How Does Ketamine Work?",
            "Types of Ketamine Therapy",
            "Benefits of Ketamine Therapy",
            "Rapid Relief from Symptoms",
            "Efficacy for Treatment-Resistant Depression",
            "Potential for Enhanced Psychotherapy Outcomes",
            "Who Can Benefit from Ketamine Therapy?",
            "Patients with Major Depressive Disorder",
            "Those Struggling with Anxiety Disorders",
            "Individuals Suffering from PTSD",
            "Preparing for Your First Session: What You Need to Know",
            "Consultation with a Psychiatrist",
            "What Questions Should You Ask?",
            "Setting Realistic Expectations",
            "Exploring Potential Side Effects of Ketamine Therapy",
            "Common Side Effects",
            "Serious Risks and Considerations",
            "The Role of Psychiatry in Ketamine Therapy",
            "Why Choose a Psychiatrist?",
            "Integrating Traditional Psychiatry with Alternative Treatments",
            "Ketamine-Assisted Psychotherapy: A New Frontier in Mental Health Treatment",
            "What is Ketamine-Assisted Psychotherapy?",
            "How Does It Enhance Therapeutic Engagement?",
            "Expectations During Your First Session: What Happens?",
            "Arrival at the Clinic",
            "Administration Process",
            "FAQ Section",
            "Conclusion",
        }
    ),
    "Ketamine Therapy: What Happens After Undergoing the Treatment?": frozenset(
        {
            "Introduction",
            "What is ketamine treatment?",
            "Is it effective in treating depression?",
            "Are there side effects to ketamine treatment?",
            "What can you expect after receiving the treatment?",
            "What to do after ketamine treatment",
            "How long will you do the ketamine treatment?",
            "Understanding ketamine treatment and its effects",
        }
    ),
}
